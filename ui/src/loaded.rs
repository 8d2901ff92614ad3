//! Something that a screen shows and that comes from the service: loading, there, or failed.

use std::future::Future;

use leptos::prelude::*;

use crate::{
    kit::{Failure, Icon, Loading},
    problem::{Problem, ProblemKind},
    t,
};

/// What is known of it now. What was there stays while it is read again, so that nothing flickers.
pub struct Loaded<T: Send + Sync + 'static> {
    state: RwSignal<Option<Result<T, Problem>>>,
    again: RwSignal<u64>,
}

// Derived, they would ask the same of `T`.
impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Clone + Send + Sync + 'static> Loaded<T> {
    /// Reads with `read` now, when a signal changes that `read` looked at before its first await, and after [`again`].
    ///
    /// [`again`]: Loaded::again
    pub fn new<F>(read: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, Problem>> + 'static,
    {
        let this = Self {
            state: RwSignal::new(None),
            again: RwSignal::new(0),
        };
        let turn = StoredValue::new(0_u64);
        Effect::new(move |_| {
            this.again.track();
            let coming = read();
            turn.update_value(|turn| *turn += 1);
            let own = turn.get_value();
            leptos::task::spawn_local(async move {
                let answer = coming.await;
                // An answer to an older question, or to a screen that has gone.
                if turn.try_get_value() == Some(own) {
                    // What is on screen is better than a failure to read it again.
                    let keep = answer.is_err()
                        && this
                            .state
                            .try_with_untracked(|state| matches!(state, Some(Ok(_))))
                            .unwrap_or(false)
                        && matches!(&answer, Err(problem) if problem.kind == ProblemKind::Offline);
                    if !keep {
                        this.state.try_set(Some(answer));
                    }
                }
            });
        });
        this
    }

    pub fn again(&self) {
        self.again.try_update(|again| *again += 1);
    }

    /// What is there, followed.
    pub fn get(&self) -> Option<T> {
        self.state.with(|state| {
            state
                .as_ref()
                .and_then(|state| state.as_ref().ok())
                .cloned()
        })
    }

    pub fn get_untracked(&self) -> Option<T> {
        untrack(|| self.get())
    }

    /// Puts in what a write answered, without reading again.
    pub fn set(&self, value: T) {
        self.state.try_set(Some(Ok(value)));
    }

    pub fn problem(&self) -> Option<Problem> {
        self.state.with(|state| {
            state
                .as_ref()
                .and_then(|state| state.as_ref().err())
                .cloned()
        })
    }

    pub fn is_loading(&self) -> bool {
        self.state.with(Option::is_none)
    }

    /// A skeleton, what went wrong, or `show` once it is there. `show` runs once: inside it, follow [`get`](Loaded::get).
    pub fn view<V: IntoView + 'static>(
        self,
        lines: usize,
        title: impl Fn() -> String + Copy + Send + Sync + 'static,
        show: impl Fn() -> V + Send + Sync + 'static,
    ) -> impl IntoView {
        let phase = Memo::new(move |_| {
            self.state.with(|state| match state {
                None => (0, None),
                Some(Err(problem)) => (1, Some(problem.clone())),
                Some(Ok(_)) => (2, None),
            })
        });
        move || match phase.get() {
            (0, _) => view! { <Loading lines=lines /> }.into_any(),
            (1, Some(problem)) => {
                view! { <Failed problem=problem title=title() on_retry=move || self.again() /> }
                    .into_any()
            }
            _ => show().into_any(),
        }
    }
}

/// A [`Problem`] where something should have been.
#[component]
pub fn Failed(
    problem: Problem,
    #[prop(into)] title: String,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    let (title, icon, retry) = match problem.kind {
        ProblemKind::Forbidden => (t!("kit-no-permission"), Icon::Lock, false),
        ProblemKind::NotFound => (title, Icon::Search, false),
        ProblemKind::Offline => (title, Icon::WifiOff, true),
        _ => (title, Icon::CircleAlert, true),
    };
    if retry {
        view! { <Failure title=title text=problem.sentence details=problem.details icon=icon on_retry=on_retry /> }.into_any()
    } else {
        view! { <Failure title=title text=problem.sentence details=problem.details icon=icon /> }
            .into_any()
    }
}
