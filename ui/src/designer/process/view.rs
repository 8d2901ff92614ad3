//! What part of the drawing is in sight.

use flow::model::{Bounds, Point};

/// A point of the drawing stands at `scale × point + (x, y)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub x: f64,
    pub y: f64,
    pub scale: f64,
}

const LEAST: f64 = 0.1;
const MOST: f64 = 4.0;
pub const MARGIN: f64 = 32.0;

impl Default for View {
    fn default() -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            scale: 1.0,
        }
    }
}

impl View {
    /// Scaled about a point of the screen.
    pub fn zoomed(self, by: f64, x: f64, y: f64) -> Self {
        let scale = (self.scale * by).clamp(LEAST, MOST);
        let by = scale / self.scale;
        Self {
            x: x - (x - self.x) * by,
            y: y - (y - self.y) * by,
            scale,
        }
    }

    pub fn fitting(extent: Bounds, width: f64, height: f64) -> Self {
        let room = |most: f64, wanted: f64| (most - 2.0 * MARGIN).max(40.0) / wanted.max(1.0);
        let scale = room(width, extent.width)
            .min(room(height, extent.height))
            .clamp(LEAST, 1.25);
        Self {
            x: (width - extent.width * scale) / 2.0 - extent.x * scale,
            y: (height - extent.height * scale) / 2.0 - extent.y * scale,
            scale,
        }
    }

    /// A point of the screen in the drawing.
    pub fn inside(self, x: f64, y: f64) -> Point {
        Point {
            x: (x - self.x) / self.scale,
            y: (y - self.y) / self.scale,
        }
    }

    /// A point of the drawing on the screen.
    pub fn outside(self, point: Point) -> (f64, f64) {
        (point.x * self.scale + self.x, point.y * self.scale + self.y)
    }

    /// The part of the drawing that a frame of that size shows.
    pub fn seen(self, width: f64, height: f64) -> Bounds {
        let corner = self.inside(0.0, 0.0);
        Bounds {
            x: corner.x,
            y: corner.y,
            width: width / self.scale,
            height: height / self.scale,
        }
    }

    /// Moved so that the bounds come into sight, where they are not.
    pub fn revealing(mut self, bounds: Bounds, width: f64, height: f64) -> Self {
        let (left, top) = self.outside(Point {
            x: bounds.x,
            y: bounds.y,
        });
        let (right, bottom) = self.outside(Point {
            x: bounds.right(),
            y: bounds.bottom(),
        });
        // Pools are larger than the frame: what is in sight anyhow is left where it is.
        if right < MARGIN || left > width - MARGIN || bottom < MARGIN || top > height - MARGIN {
            self.x += width / 2.0 - f64::midpoint(left, right);
            self.y += height / 2.0 - f64::midpoint(top, bottom);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_stays_under_the_pointer_while_zooming() {
        let view = View {
            x: 40.0,
            y: -12.0,
            scale: 0.8,
        };
        let before = view.inside(300.0, 200.0);
        let after = view.zoomed(1.7, 300.0, 200.0).inside(300.0, 200.0);
        assert!((before.x - after.x).abs() < 1e-9 && (before.y - after.y).abs() < 1e-9);
        let (x, y) = view.outside(before);
        assert!((x - 300.0).abs() < 1e-9 && (y - 200.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_out_of_sight_comes_into_the_middle() {
        let far = Bounds {
            x: 5_000.0,
            y: 5_000.0,
            width: 100.0,
            height: 80.0,
        };
        let view = View::default().revealing(far, 800.0, 600.0);
        assert_eq!(view.outside(far.centre()), (400.0, 300.0));
        assert_eq!(view.revealing(far, 800.0, 600.0), view);
    }
}
