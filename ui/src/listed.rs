use std::{future::Future, pin::Pin, sync::Arc};

use kernel::Paged;
use leptos::prelude::*;

use crate::{
    kit::{Button, Loading, Notice, Tone},
    loaded::Failed,
    problem::Problem,
    tr,
};

/// So many are read at once.
const PART: usize = 50;
/// And read anew at once: what a list of the service gives at most.
const MOST: usize = 500;

type Coming<T> = Pin<Box<dyn Future<Output = Result<Paged<T>, Problem>>>>;
type Fetch<T> = Arc<dyn Fn(Vec<(&'static str, String)>) -> Coming<T> + Send + Sync>;

/// A list that goes on from a cursor, a part at a time. What is there stays while it is read again.
pub struct Listed<T: Send + Sync + 'static> {
    all: RwSignal<Option<Vec<T>>>,
    next: RwSignal<Option<String>>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    /// An answer to an older question is dropped.
    turn: StoredValue<u64>,
    fetch: StoredValue<Fetch<T>>,
}

// Derived, they would ask the same of `T`.
impl<T: Send + Sync + 'static> Clone for Listed<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Listed<T> {}

impl<T: Clone + Send + Sync + 'static> Listed<T> {
    /// `fetch` gets `limit`, and `cursor` where it goes on; it reads its signals before its first await, for the screen may be
    /// gone then. Reads the first part now.
    pub fn new<F>(fetch: impl Fn(Vec<(&'static str, String)>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Paged<T>, Problem>> + 'static,
    {
        let this = Self {
            all: RwSignal::new(None),
            next: RwSignal::new(None),
            problem: RwSignal::new(None),
            busy: RwSignal::new(false),
            turn: StoredValue::new(0),
            fetch: StoredValue::new(Arc::new(move |query| Box::pin(fetch(query)))),
        };
        this.again();
        this
    }

    /// What has been read so far, followed.
    pub fn get(self) -> Vec<T> {
        self.all.get().unwrap_or_default()
    }

    pub fn with<R>(self, look: impl FnOnce(&[T]) -> R) -> R {
        self.all
            .with(|all| look(all.as_deref().unwrap_or_default()))
    }

    /// Whether there is more to read, followed.
    pub fn goes_on(self) -> bool {
        self.next.with(Option::is_some)
    }

    /// Reads anew as much as is in sight.
    pub fn again(self) {
        let shown = self
            .all
            .try_with_untracked(|all| all.as_ref().map_or(0, Vec::len));
        let limit = shown.unwrap_or(0).clamp(PART, MOST);
        self.read(limit, None, true);
    }

    pub fn more(self) {
        let Some(cursor) = self.next.get_untracked() else {
            return;
        };
        if !self.busy.get_untracked() {
            self.read(PART, Some(cursor), false);
        }
    }

    /// `fresh`: in place of what is there, not behind it.
    fn read(self, limit: usize, cursor: Option<String>, fresh: bool) {
        let mut query = vec![("limit", limit.to_string())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        self.busy.try_set(true);
        self.turn.try_update_value(|turn| *turn += 1);
        let (Some(turn), Some(coming)) = (
            self.turn.try_get_value(),
            self.fetch.try_with_value(|fetch| fetch(query)),
        ) else {
            return;
        };
        leptos::task::spawn_local(async move {
            let answer = coming.await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.try_set(false);
            match answer {
                // What this person may not see is left out of a part: there may be something behind an empty one.
                Ok(page) if page.items.is_empty() && page.next.is_some() => {
                    self.read(limit, page.next, fresh);
                }
                Ok(page) => {
                    self.all.try_update(|all| match all {
                        Some(known) if !fresh => known.extend(page.items),
                        _ => *all = Some(page.items),
                    });
                    self.next.try_set(page.next);
                    self.problem.try_set(None);
                }
                Err(problem) => {
                    self.problem.try_set(Some(problem));
                }
            }
        });
    }

    /// A skeleton, what went wrong, or `show` and the way to the next part. `show` runs once: inside it, follow
    /// [`get`](Listed::get). The button's id is `ID-more`.
    pub fn view<V: IntoView + 'static>(
        self,
        id: &'static str,
        title: impl Fn() -> String + Copy + Send + Sync + 'static,
        show: impl Fn() -> V + Send + Sync + 'static,
    ) -> impl IntoView {
        let phase = Memo::new(move |_| {
            let there = self.all.with(Option::is_some);
            (there, self.problem.get().filter(|_| !there))
        });
        move || {
            match phase.get() {
            (true, _) => view! {
                {show()}
                {move || self.problem.get().map(|problem| view! { <Notice tone=Tone::Danger text=problem.sentence /> })}
                <Show when=move || self.goes_on()>
                    <div class="row listed-more">
                        <Button
                            id=format!("{id}-more")
                            label=tr!("kit-more")
                            busy=self.busy
                            on_press=move || self.more()
                        />
                    </div>
                </Show>
            }
            .into_any(),
            (false, Some(problem)) => {
                view! { <Failed problem=problem title=title() on_retry=move || self.again() /> }
                    .into_any()
            }
            (false, None) => view! { <Loading lines=4 /> }.into_any(),
        }
        }
    }
}
