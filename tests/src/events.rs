use std::{collections::VecDeque, time::Duration};

use anyhow::{Result, bail};
use futures::{StreamExt, stream::BoxStream};
use tokio::time::{Instant, timeout_at};

/// One live event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub event: String,
    pub data: String,
}

/// The service's live events, as they come.
pub struct Events {
    stream: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    text: Vec<u8>,
    ready: VecDeque<Event>,
}

impl Events {
    pub(crate) fn new(answer: reqwest::Response) -> Self {
        Self {
            stream: answer
                .bytes_stream()
                .map(|chunk| chunk.map(|bytes| bytes.to_vec()))
                .boxed(),
            text: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// The next event for which `is_it` holds; what comes before it is passed over.
    pub async fn until(
        &mut self,
        what: &str,
        limit: Duration,
        is_it: impl Fn(&Event) -> bool,
    ) -> Result<Event> {
        let end = Instant::now() + limit;
        loop {
            while let Some(event) = self.ready.pop_front() {
                if is_it(&event) {
                    return Ok(event);
                }
            }
            match timeout_at(end, self.stream.next()).await {
                Ok(Some(Ok(chunk))) => self.take(&chunk),
                Ok(Some(Err(error))) => bail!("the stream broke waiting for {what}: {error}"),
                Ok(None) => bail!("the stream ended waiting for {what}"),
                Err(_) => bail!("waited {} s in vain for {what}", limit.as_secs()),
            }
        }
    }

    /// The service writes one blank line after each event and ends lines with `\n`.
    fn take(&mut self, chunk: &[u8]) {
        self.text.extend(chunk);
        while let Some(end) = self.text.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.text.drain(..end + 2).collect();
            let mut event = Event {
                id: String::new(),
                event: String::from("message"),
                data: String::new(),
            };
            for line in String::from_utf8_lossy(&block).lines() {
                let (field, value) = line.split_once(':').unwrap_or((line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "id" => value.clone_into(&mut event.id),
                    "event" => value.clone_into(&mut event.event),
                    "data" if event.data.is_empty() => value.clone_into(&mut event.data),
                    "data" => {
                        event.data.push('\n');
                        event.data.push_str(value);
                    }
                    _ => {}
                }
            }
            if !event.data.is_empty() {
                self.ready.push_back(event);
            }
        }
    }
}
