//! Where a dragged shape clicks into line with the others.

use flow::model::{Bounds, Point};

/// A line through what now stands in one row or column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    pub from: Point,
    pub to: Point,
}

/// The lines that others offer.
pub struct Snap {
    upright: Vec<(f64, Bounds)>,
    level: Vec<(f64, Bounds)>,
}

/// The grid where nothing is near.
const GRID: f64 = 10.0;

impl Snap {
    pub fn new(others: impl Iterator<Item = Bounds>) -> Self {
        let mut snap = Self {
            upright: Vec::new(),
            level: Vec::new(),
        };
        for bounds in others {
            for x in [bounds.x, bounds.centre().x, bounds.right()] {
                snap.upright.push((x, bounds));
            }
            for y in [bounds.y, bounds.centre().y, bounds.bottom()] {
                snap.level.push((y, bounds));
            }
        }
        snap
    }

    /// The shift that brings `bounds` into line, near the one wished for, with the guides to show. Centres count before edges.
    /// `reach` is in units of the drawing.
    pub fn settle(&self, bounds: Bounds, dx: f64, dy: f64, reach: f64) -> (f64, f64, Vec<Guide>) {
        let there = Bounds {
            x: bounds.x + dx,
            y: bounds.y + dy,
            ..bounds
        };
        let centre = there.centre();
        let across = nearest(&self.upright, [centre.x, there.x, there.right()], reach);
        let along = nearest(&self.level, [centre.y, there.y, there.bottom()], reach);
        let by = |found: &Option<(f64, f64, Bounds)>, at: f64, start: f64| match found {
            Some((by, ..)) => at + by,
            None => ((start + at) / GRID).round() * GRID - start,
        };
        let (dx, dy) = (by(&across, dx, bounds.x), by(&along, dy, bounds.y));
        let there = Bounds {
            x: bounds.x + dx,
            y: bounds.y + dy,
            ..bounds
        };
        let mut guides = Vec::new();
        if let Some((_, x, other)) = across {
            let both = there.union(&other);
            guides.push(Guide {
                from: Point { x, y: both.y - 8.0 },
                to: Point {
                    x,
                    y: both.bottom() + 8.0,
                },
            });
        }
        if let Some((_, y, other)) = along {
            let both = there.union(&other);
            guides.push(Guide {
                from: Point { x: both.x - 8.0, y },
                to: Point {
                    x: both.right() + 8.0,
                    y,
                },
            });
        }
        (dx, dy, guides)
    }
}

/// (how far to go, the line, whose it is)
fn nearest(lines: &[(f64, Bounds)], own: [f64; 3], reach: f64) -> Option<(f64, f64, Bounds)> {
    let mut best: Option<(f64, f64, f64, Bounds)> = None;
    for (rank, at) in own.into_iter().enumerate() {
        for (line, bounds) in lines {
            let by = line - at;
            let cost = by.abs() + rank as f64 * 0.5;
            if by.abs() <= reach && best.is_none_or(|(known, ..)| cost < known) {
                best = Some((cost, by, *line, *bounds));
            }
        }
    }
    best.map(|(_, by, line, bounds)| (by, line, bounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(x: f64, y: f64) -> Bounds {
        Bounds {
            x,
            y,
            width: 100.0,
            height: 80.0,
        }
    }

    #[test]
    fn centres_come_into_line_and_the_guide_spans_both() {
        let snap = Snap::new([task(0.0, 0.0)].into_iter());
        let event = Bounds {
            x: 200.0,
            y: 100.0,
            width: 36.0,
            height: 36.0,
        };
        let (dx, dy, guides) = snap.settle(event, 3.0, -75.0, 5.0);
        assert_eq!(event.y + dy + 18.0, 40.0, "the middle of the task");
        assert_eq!((event.x + dx) % GRID, 0.0, "the grid where nothing is near");
        assert_eq!(guides.len(), 1);
        assert!(guides[0].from.x < 0.0 && guides[0].to.x > 230.0);
    }

    #[test]
    fn nothing_near_is_the_grid() {
        let snap = Snap::new([task(0.0, 0.0)].into_iter());
        let (dx, dy, guides) = snap.settle(task(400.0, 400.0), 3.0, 7.0, 5.0);
        assert_eq!((dx, dy), (0.0, 10.0));
        assert!(guides.is_empty());
    }
}
