use std::fmt;

use serde::{Deserialize, Serialize};

/// Values by name. Sorted, so that equal sets have one text form.
pub type Variables = serde_json::Map<String, serde_json::Value>;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

counters! {
    /// One run of an element within an instance. Never used twice in an instance.
    ActivityId
    /// One timer within an instance.
    TimerId
    /// One wait for a message or signal within an instance.
    WaitId
}

/// Where an instance stands. Small: only what waits is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub variables: Variables,
}
