use serde::{Deserialize, Serialize};

/// The stream's event `change`: something that a screen shows has changed. It is a hint ("look again"), never the data. The
/// `id` of the stream is what a client that was cut off sends as `last-event-id`; hints without one are not repeated.
///
/// The stream's other event is `reset`: more was missed than is kept, look at everything anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct LiveEvent {
    /// `inbox:<group key>`, `user:<id>`, `customer:<id>`, `instance:<id>`, `process:<key>`, `import:<id>`; `definitions` when
    /// something was published.
    pub topic: String,
    /// `work_item.opened`, `work_item.changed`, `work_item.closed`, `instance.changed`, `customer.changed`…
    pub kind: String,
    /// What changed: the id of the work item, instance, customer; empty where the topic says all.
    pub subject: String,
}
