use serde::{Deserialize, Serialize};

/// A live event: something that a screen shows has changed. The event's `id` (of the stream) is what a client that was cut
/// off sends as `last-event-id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct LiveEvent {
    pub id: i64,
    /// `inbox`, `work_item`, `instance`, `customer`, `definition`, `import`, `permissions`, `session`.
    pub topic: String,
    /// What it is about: an id or key of that topic; empty for all of it.
    pub subject: String,
    /// What happened: `opened`, `changed`, `closed`, `progress`…
    pub change: String,
}
