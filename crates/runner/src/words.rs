/// Marks an instance's id.
#[derive(Debug)]
pub enum Instance {}
/// Marks a work item's id.
#[derive(Debug)]
pub enum WorkItem {}
/// Marks an incident's id.
#[derive(Debug)]
pub enum Incident {}
/// Marks a customer's id, which the desk gives.
#[derive(Debug)]
pub enum Customer {}

kernel::stored_words! {
    pub enum InstanceState {
        Running = "running",
        Completed = "completed",
        /// Ended from outside or by a terminate event.
        Cancelled = "cancelled",
        /// An error left the process that nobody caught.
        Failed = "failed",
    }
}

kernel::stored_words! {
    pub enum WorkItemState {
        /// Lies in a group's inbox, or in a user's to whom it was given.
        Open = "open",
        /// Somebody is at it.
        Claimed = "claimed",
        Completed = "completed",
        /// The process no longer asks for it.
        Withdrawn = "withdrawn",
    }
}

impl WorkItemState {
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Claimed)
    }
}
