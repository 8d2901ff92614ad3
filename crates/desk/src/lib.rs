//! Customers and the contacts who represent them: their records, lists of them, search as you type, and the import of
//! whole lists.
//!
//! - [`customer`], [`contact`]: one record at a time. Every write takes the caller's transaction and leaves one audit
//!   entry there.
//! - [`list`]: filter, order, pages and windows. [`find`]: search as you type. [`words`]: by which words one is found.
//! - [`import`]: lists of customers, from the uploaded file to the switch that makes them visible as a whole.
//!
//! What a customer's fields are, a designer says: the room gets the published types as a value ([`Portfolio`]). What an
//! asker may see comes as a value too ([`Sight`]).
//!
//! **To make something findable**: give its words a [`words::Mark`] and say in `words::of` which fields have them; the
//! search verifies every hit by the same function, so both stay in step.

pub mod contact;
pub mod customer;
pub mod find;
pub mod import;
pub mod index;
pub mod list;
mod portfolio;
mod record;
mod sight;
pub mod words;

pub use contact::Contact;
pub use customer::{CustomerPatch, NewCustomer};
pub use portfolio::{CustomerType, Portfolio};
pub use record::{Customer, Unit};
pub use sight::Sight;

/// Every statement of this room, for the test that prepares them on both databases.
pub fn statements() -> Vec<store::Statement> {
    [
        customer::STATEMENTS,
        contact::STATEMENTS,
        find::STATEMENTS,
        index::STATEMENTS,
        &import::statements(),
    ]
    .concat()
}
