//! The agent's desk: finding a customer, seeing all of them at once (Customer 360), starting work for them.

mod ad_hoc;
mod contacts;
mod customer;
mod customers;
mod facts;
mod history;
mod instance;
mod instances;
mod keepers;
mod levels;
mod moved;
mod start;
pub mod types;

use api::{
    customers::{CustomerLine, Suggest},
    path,
};

pub use customer::CustomerPage;
pub use customers::Customers;
pub use history::instance_state;
pub use instance::{InstancePage, Steps};
pub use keepers::choice;

use kernel::Filter;

use crate::{problem::Problem, transport};

/// Customers that fit what is being typed: a name, a telephone, a document, a mail address.
/// `among`: a type's key, and which of its customers.
pub async fn suggest(
    text: &str,
    limit: u32,
    among: Option<(String, Filter)>,
) -> Result<Vec<CustomerLine>, Problem> {
    let (customer_type, filter) = among.unzip();
    let typed = Suggest {
        q: text.to_owned(),
        limit: Some(limit),
        customer_type,
        filter,
    };
    transport::post(path::CUSTOMERS_SUGGEST, &typed).await
}
