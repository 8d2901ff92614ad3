//! What is heard of approvals on whatever screen one is: a request to decide, or what was said to one's own.

use std::sync::LazyLock;

use api::approvals::Approval;
use api::path;
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    kit::{Tone, toast_with},
    problem::Problem,
    session, t,
    transport::{self, live},
};

static WAITING: LazyLock<ArcRwSignal<usize>> = LazyLock::new(ArcRwSignal::default);
static ASKED: LazyLock<ArcRwSignal<u64>> = LazyLock::new(ArcRwSignal::default);

/// How many requests wait for this person's decision.
pub fn waiting() -> ArcRwSignal<usize> {
    WAITING.clone()
}

/// Counts what this person has asked for.
pub(super) fn asked() -> ArcRwSignal<u64> {
    ASKED.clone()
}

fn count() {
    if !session::me().is_some_and(|me| super::decides(&me)) {
        WAITING.set(0);
        return;
    }
    leptos::task::spawn_local(async {
        let query = [("scope", "decide".to_owned()), ("limit", "200".to_owned())];
        let page: Result<Paged<Approval>, Problem> = transport::get(path::APPROVALS, &query).await;
        if let Ok(page) = page {
            WAITING.set(page.items.len());
        }
    });
}

/// Stands once, in the frame.
pub fn begin() {
    let navigate = use_navigate();
    let open = Callback::new(move |()| navigate("/approvals", Default::default()));
    untrack(count);
    live::follow(&["access"], |_: api::events::LiveEvent| untrack(count));
    live::follow(
        &["approval", "user"],
        move |event: api::events::LiveEvent| {
            if !event.kind.starts_with("approval.") {
                return;
            }
            untrack(count);
            ASKED.update(|count| *count += 1);
            let decided = event.kind == "approval.decided";
            // What was decided is told to whoever asked, on their own topic; to the others it only leaves the list.
            if decided && !event.topic.starts_with("user:") {
                return;
            }
            leptos::task::spawn_local(async move {
                let address = path::fill(path::APPROVAL, &[&event.subject]);
                let Ok(one) = transport::get::<Approval>(&address, &[]).await else {
                    return;
                };
                tell(&one, decided, open);
            });
        },
    );
}

fn tell(one: &Approval, decided: bool, open: Callback<()>) {
    let action = Some((t!("approvals-open"), open));
    let who = one
        .decider
        .as_ref()
        .map(|who| who.name.clone())
        .unwrap_or_default();
    match (decided, one.state.as_str()) {
        (false, "pending") if one.may_decide => {
            let text = t!("approval-news-asked", who = one.requester.name.clone());
            toast_with(text, Tone::Info, action);
        }
        (true, "approved") => toast_with(
            t!("approval-news-approved", who = who),
            Tone::Success,
            action,
        ),
        (true, "refused") => toast_with(
            t!(
                "approval-was-refused",
                who = who,
                why = one.answer.clone().unwrap_or_default()
            ),
            Tone::Warning,
            action,
        ),
        (true, "failed") => toast_with(
            t!(
                "approval-failed",
                why = one.problem.clone().unwrap_or_default()
            ),
            Tone::Warning,
            action,
        ),
        _ => {}
    }
}
