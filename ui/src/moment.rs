//! Instants of the API as the screen counts them.

use kernel::Moment;

/// Milliseconds since 1970.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of the years 1 to 9999 are exact in a double"
)]
pub fn ms(at: Moment) -> f64 {
    at.as_millis() as f64
}
