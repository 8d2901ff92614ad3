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

/// A line after its ends moved: bends made by hand stay, the parts at the ends follow at right angles. Drawn anew where
/// that would lead through one of the shapes. Each end: before and after.
pub fn adjusted(old: &[Point], from: (&Bounds, &Bounds), to: (&Bounds, &Bounds)) -> Vec<Point> {
    let anew = || route(from.1, to.1);
    if old.len() < 3 {
        return straight(old, from, to).unwrap_or_else(anew);
    }
    let mut line = old.to_vec();
    end_follows(&mut line, from);
    line.reverse();
    end_follows(&mut line, to);
    line.reverse();
    line.dedup_by(|a, b| (a.x - b.x).abs() < 0.5 && (a.y - b.y).abs() < 0.5);
    let inner = |bounds: &Bounds| Bounds {
        x: bounds.x + 1.0,
        y: bounds.y + 1.0,
        width: bounds.width - 2.0,
        height: bounds.height - 2.0,
    };
    let through = line.windows(2).any(|part| {
        [inner(from.1), inner(to.1)]
            .iter()
            .any(|bounds| crosses(part[0], part[1], bounds))
    });
    if through || line.len() < 2 {
        anew()
    } else {
        line
    }
}

/// A line of two points that stays straight: both shapes moved along it.
fn straight(old: &[Point], from: (&Bounds, &Bounds), to: (&Bounds, &Bounds)) -> Option<Vec<Point>> {
    let [begin, end] = old else { return None };
    let shifted = |point: &Point, (before, after): (&Bounds, &Bounds)| Point {
        x: point.x + after.centre().x - before.centre().x,
        y: point.y + after.centre().y - before.centre().y,
    };
    let (a, b) = (shifted(begin, from), shifted(end, to));
    let level = (begin.y - end.y).abs() < 0.5 && (a.y - b.y).abs() < 0.5;
    let plumb = (begin.x - end.x).abs() < 0.5 && (a.x - b.x).abs() < 0.5;
    let onward = (a.x - b.x) * (begin.x - end.x) + (a.y - b.y) * (begin.y - end.y) > 0.0;
    let sized = from.0.width == from.1.width && from.0.height == from.1.height;
    let sized = sized && to.0.width == to.1.width && to.0.height == to.1.height;
    ((level || plumb) && onward && sized).then(|| vec![a, b])
}

/// Moves the first point with its shape, and the bend after it across.
fn end_follows(line: &mut [Point], (before, after): (&Bounds, &Bounds)) {
    if before == after || line.len() < 3 {
        return;
    }
    let (first, second) = (line[0], line[1]);
    let part = |value: f64, start: f64, whole: f64| (value - start) / whole.max(1.0);
    let moved = Point {
        x: after.x + part(first.x, before.x, before.width) * after.width,
        y: after.y + part(first.y, before.y, before.height) * after.height,
    };
    line[0] = moved;
    if (first.x - second.x).abs() < 0.5 {
        line[1].x = moved.x;
    } else if (first.y - second.y).abs() < 0.5 {
        line[1].y = moved.y;
    }
}

/// Whether a part of a line runs through a box.
fn crosses(a: Point, b: Point, bounds: &Bounds) -> bool {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let sides = [
        (-dx, a.x - bounds.x),
        (dx, bounds.right() - a.x),
        (-dy, a.y - bounds.y),
        (dy, bounds.bottom() - a.y),
    ];
    for (along, room) in sides {
        if along == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else {
            let at = room / along;
            if along < 0.0 {
                enter = enter.max(at);
            } else {
                leave = leave.min(at);
            }
        }
    }
    enter < leave
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

    #[test]
    fn bends_made_by_hand_stay_when_an_end_moves() {
        let bounds = |x: f64, y: f64| Bounds {
            x,
            y,
            width: 100.0,
            height: 80.0,
        };
        let point = |x: f64, y: f64| Point { x, y };
        let (from, to) = (bounds(0.0, 0.0), bounds(300.0, 200.0));
        let line = [
            point(100.0, 40.0),
            point(150.0, 40.0),
            point(150.0, 240.0),
            point(300.0, 240.0),
        ];
        let moved = bounds(320.0, 260.0);
        let after = adjusted(&line, (&from, &from), (&to, &moved));
        assert_eq!(after[..2], line[..2], "the far bends stay");
        assert_eq!(after[3], point(320.0, 300.0));
        assert_eq!(after[2], point(150.0, 300.0));
        // Where the old way would lead through a shape there is a new one.
        let over = bounds(100.0, 180.0);
        let after = adjusted(&line, (&from, &from), (&to, &over));
        for part in after.windows(2) {
            assert!(
                part[0].x == part[1].x || part[0].y == part[1].y,
                "{after:?}"
            );
            assert!(
                !crosses(part[0], part[1], &bounds(101.0, 181.0))
                    || part[1] == after[after.len() - 1]
            );
        }
        let level = [point(100.0, 40.0), point(300.0, 40.0)];
        let (near, far) = (bounds(300.0, 0.0), bounds(400.0, 0.0));
        assert_eq!(
            adjusted(&level, (&from, &from), (&near, &far)),
            vec![point(100.0, 40.0), point(400.0, 40.0)]
        );
    }
}
