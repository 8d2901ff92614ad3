//! Going through a drawing by keys: along the flows with left and right, across with up and down.

use flow::{
    model::Bounds,
    scene::{Drawing, Item, SceneEdge, SceneShape},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Left,
    Right,
    Up,
    Down,
}

/// Where a step leads from `chosen`; from nothing, to the shape furthest left and up.
pub fn step(drawing: &Drawing, chosen: Option<&str>, step: Step) -> Option<String> {
    let Some(chosen) = chosen.and_then(|id| find(drawing, id)) else {
        return first(drawing);
    };
    match (chosen, step) {
        (Item::Edge(edge), Step::Right) => edge.target.as_ref().map(ToString::to_string),
        (Item::Edge(edge), Step::Left) => edge.source.as_ref().map(ToString::to_string),
        (Item::Edge(edge), Step::Up | Step::Down) => sibling(drawing, edge, step == Step::Down),
        (Item::Shape(shape), Step::Right) => edges(drawing)
            .find(|edge| edge.source.as_ref() == Some(&shape.element))
            .map(|edge| edge.element.to_string())
            .or_else(|| beside(drawing, shape, step)),
        (Item::Shape(shape), Step::Left) => edges(drawing)
            .find(|edge| edge.target.as_ref() == Some(&shape.element))
            .map(|edge| edge.element.to_string())
            .or_else(|| beside(drawing, shape, step)),
        (Item::Shape(shape), Step::Up | Step::Down) => beside(drawing, shape, step),
    }
}

pub fn find<'a>(drawing: &'a Drawing, id: &str) -> Option<&'a Item> {
    drawing.items.iter().find(|item| match item {
        Item::Shape(shape) => &*shape.element == id,
        Item::Edge(edge) => &*edge.element == id,
    })
}

pub fn first(drawing: &Drawing) -> Option<String> {
    let nodes = shapes(drawing).filter(|shape| !is_frame(shape));
    nodes
        .min_by(|a, b| (a.bounds.x + a.bounds.y).total_cmp(&(b.bounds.x + b.bounds.y)))
        .map(|shape| shape.element.to_string())
}

fn shapes(drawing: &Drawing) -> impl Iterator<Item = &SceneShape> {
    drawing.items.iter().filter_map(|item| match item {
        Item::Shape(shape) => Some(shape),
        Item::Edge(_) => None,
    })
}

fn edges(drawing: &Drawing) -> impl Iterator<Item = &SceneEdge> {
    drawing.items.iter().filter_map(|item| match item {
        Item::Edge(edge) => Some(edge),
        Item::Shape(_) => None,
    })
}

/// Pools and lanes lie behind everything; one reaches them from the shapes by going up or down where nothing else is.
fn is_frame(shape: &SceneShape) -> bool {
    use flow::scene::ShapeKind;
    matches!(
        shape.kind,
        ShapeKind::Pool | ShapeKind::Lane | ShapeKind::Group
    )
}

/// The next flow out of the same shape, round and round.
fn sibling(drawing: &Drawing, edge: &SceneEdge, down: bool) -> Option<String> {
    let all: Vec<&SceneEdge> = edges(drawing)
        .filter(|other| other.source == edge.source && edge.source.is_some())
        .collect();
    let at = all.iter().position(|other| other.element == edge.element)?;
    let to = if down { at + 1 } else { at + all.len() - 1 } % all.len();
    all.get(to).map(|other| other.element.to_string())
}

/// The nearest shape in a direction that a line can end at; from nowhere in that direction, the next one in the drawing.
pub fn nearest(drawing: &Drawing, from: &str, step: Step, without: &str) -> Option<String> {
    let Some(Item::Shape(shape)) = find(drawing, from) else {
        return first(drawing);
    };
    let found = beside(drawing, shape, step).filter(|id| id != without);
    found.or_else(|| {
        let all: Vec<&SceneShape> = shapes(drawing)
            .filter(|shape| !is_frame(shape) && &*shape.element != without)
            .collect();
        let at = all.iter().position(|shape| &*shape.element == from);
        let count = all.len();
        let next = match (at, step) {
            (Some(at), Step::Right | Step::Down) => (at + 1) % count.max(1),
            (Some(at), _) => (at + count - 1) % count.max(1),
            (None, _) => 0,
        };
        all.get(next).map(|shape| shape.element.to_string())
    })
}

/// The nearest shape in a direction: distance along it, plus twice what one has to go aside.
fn beside(drawing: &Drawing, from: &SceneShape, step: Step) -> Option<String> {
    let centre = |bounds: Bounds| {
        (
            bounds.x + bounds.width / 2.0,
            bounds.y + bounds.height / 2.0,
        )
    };
    let (x, y) = centre(from.bounds);
    let far = |shape: &SceneShape| {
        let (other_x, other_y) = centre(shape.bounds);
        let (dx, dy) = (other_x - x, other_y - y);
        let (along, aside) = match step {
            Step::Left => (-dx, dy),
            Step::Right => (dx, dy),
            Step::Up => (-dy, dx),
            Step::Down => (dy, dx),
        };
        (along > 1.0).then_some(along + 2.0 * aside.abs())
    };
    let near = |frames: bool| {
        shapes(drawing)
            .filter(|shape| is_frame(shape) == frames && shape.element != from.element)
            .filter_map(|shape| Some((far(shape)?, shape)))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, shape)| shape.element.to_string())
    };
    near(false).or_else(|| near(true))
}
