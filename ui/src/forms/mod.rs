//! Forms as designers define them, drawn and checked: the very spec and checks of the `form` room, so that the screen
//! accepts what the service accepts and says the same about what it does not.
//!
//! - [`ValueControl`]: the control for one field of a schema.
//! - [`FormModel`] and [`FormView`]: a whole form with its conditions, computed values and problems.
//! - [`shown`]: a value in words, for where it is only read.

mod control;
mod model;
mod shown;
mod view;

pub use control::ValueControl;
pub use model::FormModel;
pub use shown::{shown, shown_plain};
pub use view::{FormView, control_id};
