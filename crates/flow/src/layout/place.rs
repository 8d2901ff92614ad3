//! Where the elements of a process stand: layers by the longest way from a start, rows within a layer by their neighbours.

use std::collections::{HashMap, VecDeque};

use super::{MARGIN, default_size};
use crate::model::{Bounds, Element, ElementId, ElementKind, Process};

const COLUMN_GAP: f64 = 60.0;
const ROW_GAP: f64 = 40.0;

/// A process laid out, with its corner at 0, 0.
pub(super) struct Placed {
    pub boxes: Vec<Box2>,
    pub size: Bounds,
    /// From where to where each lane goes.
    pub bands: HashMap<ElementId, (f64, f64)>,
}

pub(super) struct Box2 {
    pub id: ElementId,
    pub bounds: Bounds,
    pub expanded: Option<bool>,
}

pub(super) fn process(process: &Process) -> Placed {
    let mut children: HashMap<Option<&str>, Vec<&Element>> = HashMap::new();
    for element in &process.elements {
        children
            .entry(element.parent.as_deref())
            .or_default()
            .push(element);
    }
    let mut lane_rows: HashMap<&str, usize> = HashMap::new();
    let tops: Vec<_> = process
        .lanes
        .iter()
        .filter(|lane| lane.parent.is_none())
        .collect();
    for lane in &process.lanes {
        let mut top = lane;
        while let Some(parent) = top
            .parent
            .as_ref()
            .and_then(|id| process.lanes.iter().find(|lane| lane.id == *id))
        {
            top = parent;
        }
        let row = tops
            .iter()
            .position(|known| known.id == top.id)
            .unwrap_or(0);
        for member in &lane.members {
            lane_rows.insert(member, row);
        }
    }
    let placer = Placer {
        process,
        children,
        lane_rows,
        lanes: tops.len(),
    };
    let (boxes, size, spans) = placer.level(None);
    let bands = tops
        .iter()
        .zip(spans)
        .map(|(lane, span)| (lane.id.clone(), span))
        .collect();
    Placed { boxes, size, bands }
}

struct Placer<'a> {
    process: &'a Process,
    children: HashMap<Option<&'a str>, Vec<&'a Element>>,
    lane_rows: HashMap<&'a str, usize>,
    lanes: usize,
}

type Level = (Vec<Box2>, Bounds, Vec<(f64, f64)>);

impl<'a> Placer<'a> {
    /// What stands directly in a process or sub-process, with what stands in that.
    fn level(&self, parent: Option<&'a str>) -> Level {
        let empty = Vec::new();
        let all = self.children.get(&parent).unwrap_or(&empty);
        let (boundary, nodes): (Vec<&Element>, Vec<&Element>) = all
            .iter()
            .partition(|element| matches!(element.kind, ElementKind::BoundaryEvent { .. }));
        let mut inner: HashMap<&str, Vec<Box2>> = HashMap::new();
        let mut sizes: Vec<(f64, f64)> = Vec::with_capacity(nodes.len());
        for node in &nodes {
            sizes.push(match node.kind {
                ElementKind::SubProcess { .. } => {
                    let (boxes, size, _) = self.level(Some(&node.id));
                    inner.insert(&node.id, boxes);
                    (
                        size.width.max(120.0) + 2.0 * MARGIN,
                        size.height.max(60.0) + 2.0 * MARGIN,
                    )
                }
                _ => default_size(tag(node)),
            });
        }
        let layers = self.layers(&nodes, &boundary);
        let rows = self.rows(&nodes, &layers);
        let (places, spans, size) =
            self.coordinates(&nodes, &sizes, &layers, &rows, parent.is_none());
        let mut boxes = Vec::new();
        let mut bounds_of: HashMap<&str, Bounds> = HashMap::new();
        for (node, bounds) in nodes.iter().zip(places) {
            bounds_of.insert(&node.id, bounds);
            let sub = matches!(node.kind, ElementKind::SubProcess { .. });
            boxes.push(Box2 {
                id: node.id.clone(),
                bounds,
                expanded: sub.then_some(true),
            });
            for held in inner.remove(&*node.id).unwrap_or_default() {
                let at = Bounds {
                    x: held.bounds.x + bounds.x + MARGIN,
                    y: held.bounds.y + bounds.y + MARGIN,
                    ..held.bounds
                };
                boxes.push(Box2 { bounds: at, ..held });
            }
        }
        // Boundary events sit on the lower edge, from the right.
        let mut on: HashMap<&str, f64> = HashMap::new();
        for event in boundary {
            let host = event.attached_to().map_or("", |id| &**id);
            let Some(host_bounds) = bounds_of.get(host) else {
                continue;
            };
            let offset = on.entry(host).or_insert(0.0);
            *offset += 46.0;
            let x = (host_bounds.right() - *offset).max(host_bounds.x);
            let bounds = Bounds {
                x,
                y: host_bounds.bottom() - 18.0,
                width: 36.0,
                height: 36.0,
            };
            boxes.push(Box2 {
                id: event.id.clone(),
                bounds,
                expanded: None,
            });
        }
        (boxes, size, spans)
    }

    /// The layer of each node: one more than the furthest of those before it. Flows back do not count.
    fn layers(&self, nodes: &[&'a Element], boundary: &[&'a Element]) -> Vec<usize> {
        let at: HashMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (&*node.id, at))
            .collect();
        let hosts: HashMap<&str, &str> = boundary
            .iter()
            .filter_map(|event| Some((&*event.id, &**event.attached_to()?)))
            .collect();
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for flow in &self.process.flows {
            let source = hosts.get(&*flow.source).copied().unwrap_or(&flow.source);
            if let (Some(from), Some(to)) = (at.get(source), at.get(&*flow.target)) {
                next[*from].push(*to);
            }
        }
        let back = back_edges(&next);
        let mut waiting = vec![0_usize; nodes.len()];
        for (from, targets) in next.iter().enumerate() {
            for to in targets.iter().filter(|to| !back.contains(&(from, **to))) {
                waiting[*to] += 1;
            }
        }
        let mut layers = vec![0; nodes.len()];
        let mut ready: VecDeque<usize> = (0..nodes.len())
            .filter(|node| waiting[*node] == 0)
            .collect();
        while let Some(from) = ready.pop_front() {
            for to in next[from].iter().filter(|to| !back.contains(&(from, **to))) {
                layers[*to] = layers[*to].max(layers[from] + 1);
                waiting[*to] -= 1;
                if waiting[*to] == 0 {
                    ready.push_back(*to);
                }
            }
        }
        layers
    }

    /// The order within each layer: by the middle of the neighbours before, a few times over.
    fn rows(&self, nodes: &[&'a Element], layers: &[usize]) -> Vec<Vec<usize>> {
        let depth = layers.iter().max().map_or(0, |deepest| deepest + 1);
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); depth];
        for (node, layer) in layers.iter().enumerate() {
            rows[*layer].push(node);
        }
        let at: HashMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (&*node.id, at))
            .collect();
        let mut near: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for flow in &self.process.flows {
            if let (Some(from), Some(to)) = (at.get(&*flow.source), at.get(&*flow.target)) {
                near[*from].push(*to);
                near[*to].push(*from);
            }
        }
        let lane = |node: usize| self.lane_rows.get(&*nodes[node].id).copied().unwrap_or(0);
        let mut height: Vec<f64> = vec![0.0; nodes.len()];
        for round in 0..6 {
            let order: Vec<usize> = if round % 2 == 0 {
                (0..depth).collect()
            } else {
                (0..depth).rev().collect()
            };
            for layer in order {
                let middle = |node: usize| {
                    let side = near[node]
                        .iter()
                        .filter(|other| (layers[**other] < layer) == (round % 2 == 0));
                    let (sum, count) = side.fold((0.0, 0.0), |(sum, count), other| {
                        (sum + height[*other], count + 1.0)
                    });
                    if count > 0.0 {
                        sum / count
                    } else {
                        height[node]
                    }
                };
                let mut keyed: Vec<(usize, f64, usize)> = rows[layer]
                    .iter()
                    .map(|node| (lane(*node), middle(*node), *node))
                    .collect();
                keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
                rows[layer] = keyed.iter().map(|(_, _, node)| *node).collect();
                let mut row = 0.0;
                for node in &rows[layer] {
                    height[*node] = row;
                    row += 1.0;
                }
            }
        }
        rows
    }

    fn coordinates(
        &self,
        nodes: &[&'a Element],
        sizes: &[(f64, f64)],
        layers: &[usize],
        rows: &[Vec<usize>],
        banded: bool,
    ) -> (Vec<Bounds>, Vec<(f64, f64)>, Bounds) {
        let bands = if banded { self.lanes.max(1) } else { 1 };
        let lane = |node: usize| {
            if bands > 1 {
                self.lane_rows
                    .get(&*nodes[node].id)
                    .copied()
                    .unwrap_or(0)
                    .min(bands - 1)
            } else {
                0
            }
        };
        let column: Vec<f64> = rows
            .iter()
            .map(|row| row.iter().map(|node| sizes[*node].0).fold(0.0, f64::max))
            .collect();
        let mut heights = vec![80.0_f64; bands];
        for row in rows {
            let mut sums = vec![0.0_f64; bands];
            for node in row {
                sums[lane(*node)] += sizes[*node].1 + ROW_GAP;
            }
            for (height, sum) in heights.iter_mut().zip(sums) {
                *height = height.max(sum - ROW_GAP);
            }
        }
        let mut spans = Vec::with_capacity(bands);
        let mut top = 0.0;
        for height in &heights {
            spans.push((top, top + height));
            top += height + 2.0 * ROW_GAP;
        }
        let total = top - 2.0 * ROW_GAP;
        let mut left = vec![0.0; rows.len()];
        let mut x = 0.0;
        for (at, width) in column.iter().enumerate() {
            left[at] = x;
            x += width + COLUMN_GAP;
        }
        let mut places = vec![Bounds::default(); nodes.len()];
        for row in rows {
            // Each band's part of a column stands in the middle of the band.
            let mut used = vec![0.0_f64; bands];
            for node in row {
                used[lane(*node)] += sizes[*node].1 + ROW_GAP;
            }
            let mut at: Vec<f64> = (0..bands)
                .map(|band| spans[band].0 + (heights[band] - (used[band] - ROW_GAP).max(0.0)) / 2.0)
                .collect();
            for node in row {
                let (width, height) = sizes[*node];
                let layer = layers[*node];
                let y = &mut at[lane(*node)];
                places[*node] = Bounds {
                    x: left[layer] + (column[layer] - width) / 2.0,
                    y: *y,
                    width,
                    height,
                };
                *y += height + ROW_GAP;
            }
        }
        let size = Bounds {
            x: 0.0,
            y: 0.0,
            width: (x - COLUMN_GAP).max(0.0),
            height: total.max(0.0),
        };
        (places, spans, size)
    }
}

/// The edges that close a circle, found depth first from the nodes that nothing leads to.
fn back_edges(next: &[Vec<usize>]) -> std::collections::HashSet<(usize, usize)> {
    let mut back = std::collections::HashSet::new();
    let mut state = vec![0_u8; next.len()];
    let mut led = vec![false; next.len()];
    for to in next.iter().flatten() {
        led[*to] = true;
    }
    let first = (0..next.len()).filter(|node| !led[*node]);
    let order: Vec<usize> = first.chain(0..next.len()).collect();
    for root in order {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut stack = vec![(root, 0_usize)];
        while let Some((node, at)) = stack.last_mut() {
            let node = *node;
            let Some(to) = next[node].get(*at).copied() else {
                state[node] = 2;
                stack.pop();
                continue;
            };
            *at += 1;
            match state[to] {
                0 => {
                    state[to] = 1;
                    stack.push((to, 0));
                }
                1 => {
                    back.insert((node, to));
                }
                _ => {}
            }
        }
    }
    back
}

fn tag(element: &Element) -> &'static str {
    match element.kind {
        ElementKind::Gateway { .. } => "exclusiveGateway",
        ElementKind::SubProcess { .. } => "subProcess",
        ElementKind::Task { .. } | ElementKind::CallActivity { .. } | ElementKind::Choreography => {
            "task"
        }
        _ => "startEvent",
    }
}
