//! Who is told of live events: one stream from the service, any number of pages.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tauri::ipc::Channel;

use crate::events::Message;

/// Each window's page has one channel; a page that was loaded anew replaces its own.
#[derive(Default)]
pub struct Listeners(Mutex<State>);

#[derive(Default)]
struct State {
    channels: BTreeMap<String, Channel<Message>>,
    connected: bool,
    /// A link that was followed before the main window's page was there to be told.
    waiting: Option<Message>,
}

impl Listeners {
    pub fn add(&self, window: &str, channel: Channel<Message>) {
        let mut state = self.state();
        if state.connected {
            drop(channel.send(Message::Connected));
        }
        if window == crate::windows::MAIN
            && let Some(message) = state.waiting.take()
        {
            drop(channel.send(message));
        }
        state.channels.insert(window.to_owned(), channel);
    }

    pub fn tell_all(&self, message: &Message) {
        let mut state = self.state();
        match message {
            Message::Connected => state.connected = true,
            Message::Disconnected => state.connected = false,
            Message::Event { .. } | Message::Open { .. } => {}
        }
        // A channel fails when its window is gone.
        state
            .channels
            .retain(|_, channel| channel.send(message.clone()).is_ok());
    }

    /// To the main window, now or when its page is there.
    pub fn tell_main(&self, message: Message) {
        let mut state = self.state();
        let told = state
            .channels
            .get(crate::windows::MAIN)
            .is_some_and(|channel| channel.send(message.clone()).is_ok());
        if !told {
            state.waiting = Some(message);
        }
    }

    pub fn remove(&self, window: &str) {
        self.state().channels.remove(window);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
