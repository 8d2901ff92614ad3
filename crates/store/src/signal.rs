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

/// Where the signals of all nodes arrive.
#[derive(Clone, Debug)]
pub struct Signals(broadcast::Sender<Signal>);

impl Signals {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(4_096).0)
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.0.subscribe()
    }

    pub(crate) fn send(&self, signal: Signal) {
        // Nobody listening is not an error.
        let _ = self.0.send(signal);
    }
}
