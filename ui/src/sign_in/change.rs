use std::sync::LazyLock;

use api::path;
use leptos::prelude::*;

use crate::{
    kit::{Button, Dialog, Field, Look, Notice, TextInput, Tone, toast},
    problem::Problem,
    t, tr, transport,
};

/// 12 to 128 characters, as the service asks.
const SHORTEST: usize = 12;

static ASKED: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

/// Opens the dialog: the person wants another password.
pub fn ask_for_new_password() {
    ASKED.set(true);
}

/// One's own password, changed because one wants to.
#[component]
pub fn ChangePassword() -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(ASKED.get()));
    view! {
        <Dialog open=open title=tr!("password-title") on_close=move || ASKED.set(false) id="change-password">
            <NewPassword must=false on_done=move || ASKED.set(false) />
        </Dialog>
    }
}

/// The form. `must`: somebody else chose the present one.
#[component]
pub fn NewPassword(must: bool, #[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let repeated = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let short = move || new.with(|new| new.chars().count() < SHORTEST);
    let differs = move || new.with(|one| repeated.with(|other| one != other));
    let said = move |field: &'static str| {
        problem.with(|problem| {
            problem
                .as_ref()
                .and_then(|problem| problem.fields.get(field).cloned())
        })
    };
    let send = move || {
        tried.set(true);
        if untrack(|| short() || differs()) || busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let request = api::session::ChangePassword {
                current: current.get_untracked(),
                new: new.get_untracked(),
            };
            let answer: Result<serde_json::Value, Problem> =
                transport::put(path::PASSWORD, &request).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    toast(t!("password-changed"));
                    on_done.run(());
                }
                Err(wrong) => {
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    view! {
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            {must.then(|| view! { <p>{tr!("password-must-text")}</p> })}
            <Field label=tr!("password-current") error=Signal::derive(move || said("current")) id="current-password">
                <TextInput value=current kind="password" autocomplete="current-password" focus=true />
            </Field>
            <Field
                label=tr!("password-new")
                hint=tr!("set-up-hint", count = SHORTEST)
                error=Signal::derive(move || {
                    if tried.get() && short() { Some(t!("set-up-short", count = SHORTEST)) } else { said("new") }
                })
                id="next-password"
            >
                <TextInput value=new kind="password" autocomplete="new-password" />
            </Field>
            <Field
                label=tr!("set-up-repeat")
                error=Signal::derive(move || (tried.get() && !short() && differs()).then(|| t!("set-up-differs")))
            >
                <TextInput value=repeated kind="password" autocomplete="new-password" />
            </Field>
            {move || {
                problem
                    .get()
                    .filter(|problem| problem.fields.is_empty())
                    .map(|problem| view! { <Notice text=problem.sentence tone=Tone::Danger /> })
            }}
            <Button label=tr!("password-save") look=Look::Primary submit=true busy=busy id="password-save" on_press=|| () />
        </form>
    }
}
