//! Lines at right angles between two shapes.

use crate::model::{Bounds, Point};

/// From the side of one shape to the side of the other that faces it.
pub fn route(from: &Bounds, to: &Bounds) -> Vec<Point> {
    let (a, b) = (from.centre(), to.centre());
    let near = |x: f64, y: f64| (x - y).abs() < 0.5;
    if to.x >= from.right() {
        let (begin, end) = (
            Point {
                x: from.right(),
                y: a.y,
            },
            Point { x: to.x, y: b.y },
        );
        if near(a.y, b.y) {
            return vec![begin, end];
        }
        let middle = f64::midpoint(begin.x, end.x);
        return vec![
            begin,
            Point { x: middle, y: a.y },
            Point { x: middle, y: b.y },
            end,
        ];
    }
    if to.right() <= from.x {
        // Back: below both, so that it crosses neither.
        let low = from.bottom().max(to.bottom()) + 20.0;
        let (begin, end) = (
            Point {
                x: a.x,
                y: from.bottom(),
            },
            Point {
                x: b.x,
                y: to.bottom(),
            },
        );
        return vec![
            begin,
            Point { x: a.x, y: low },
            Point { x: b.x, y: low },
            end,
        ];
    }
    upright(from, to)
}

/// From the top or bottom of one shape to the other's.
pub fn upright(from: &Bounds, to: &Bounds) -> Vec<Point> {
    let (a, b) = (from.centre(), to.centre());
    let down = b.y >= a.y;
    let begin = Point {
        x: a.x,
        y: if down { from.bottom() } else { from.y },
    };
    let end = Point {
        x: b.x,
        y: if down { to.y } else { to.bottom() },
    };
    if (a.x - b.x).abs() < 0.5 {
        return vec![begin, end];
    }
    let middle = f64::midpoint(begin.y, end.y);
    vec![
        begin,
        Point { x: a.x, y: middle },
        Point { x: b.x, y: middle },
        end,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_at_right_angles_and_touch_both_shapes() {
        let one = Bounds {
            x: 0.0,
            y: 0.0,
            width: 100.0,
            height: 80.0,
        };
        for (x, y) in [
            (200.0, 0.0),
            (200.0, 300.0),
            (-300.0, 50.0),
            (20.0, 200.0),
            (20.0, -200.0),
        ] {
            let other = Bounds { x, y, ..one };
            let line = route(&one, &other);
            for pair in line.windows(2) {
                assert!(pair[0].x == pair[1].x || pair[0].y == pair[1].y, "{line:?}");
            }
            assert!(
                one.contains(line[0]) && other.contains(line[line.len() - 1]),
                "{line:?}"
            );
        }
    }
}
