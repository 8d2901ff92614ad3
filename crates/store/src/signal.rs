use std::hash::{BuildHasher, RandomState};

use tokio::sync::broadcast;

/// A hint that something of this kind has changed: "look again", never the data itself. It may be lost (a listener that
/// lags, a broken connection), so every listener also looks by itself now and then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// A short name of the topic, `[a-z_]+`.
    pub topic: String,
    /// At most 2,000 bytes; empty where the topic says all.
    pub payload: String,
}

/// Where the signals of all nodes arrive: this node's own as soon as they are committed, the others' by way of the database.
#[derive(Clone, Debug)]
pub struct Signals {
    sender: broadcast::Sender<Signal>,
    /// Tells this node's own signals apart when the database brings them back.
    origin: u64,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::channel(4_096).0,
            origin: RandomState::new().hash_one("signals"),
        }
    }

    /// What PostgreSQL's `NOTIFY` carries before the payload.
    pub(crate) fn origin(&self) -> String {
        format!("{:016x}", self.origin)
    }

    /// Takes in `ORIGIN TOPIC PAYLOAD`, but for what this node has said itself.
    pub(crate) fn notified(&self, notice: &str) {
        let Some((origin, rest)) = notice.split_once(' ') else {
            return;
        };
        if origin == self.origin() {
            return;
        }
        let (topic, payload) = rest.split_once(' ').unwrap_or((rest, ""));
        self.send(Signal {
            topic: topic.to_owned(),
            payload: payload.to_owned(),
        });
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.sender.subscribe()
    }

    pub(crate) fn send(&self, signal: Signal) {
        // Nobody listening is not an error.
        let _ = self.sender.send(signal);
    }
}
