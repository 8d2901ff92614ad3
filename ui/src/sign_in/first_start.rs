use api::{
    path,
    session::{SetUp, SignedIn},
};
use leptos::prelude::*;

use crate::{
    kit::{Button, Field, Look, Notice, TextInput, Tone},
    problem::Problem,
    session, t, tr, transport,
};

/// 12 to 128 characters, as the service asks.
const SHORTEST: usize = 12;

/// First start: the administrator's password is set, once, and opens the product.
#[component]
pub fn FirstStart(
    /// Somebody else was faster: look again.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let repeated = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let short = move || password.with(|password| password.chars().count() < SHORTEST);
    let differs = move || password.with(|one| repeated.with(|other| one != other));
    let send = move || {
        tried.set(true);
        if short() || differs() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let request = SetUp {
                password: password.get_untracked(),
            };
            let done: Result<serde_json::Value, Problem> =
                transport::post(path::SET_UP, &request).await;
            let done = match done {
                // Set-up may sign in by itself or not: asking who we are tells.
                Ok(answer) => match serde_json::from_value::<SignedIn>(answer) {
                    Ok(_) => {
                        session::begin().await;
                        Ok(())
                    }
                    Err(_) => session::sign_in("admin", &request.password, None).await,
                },
                Err(wrong) => Err(wrong),
            };
            busy.try_set(false);
            if let Err(wrong) = done {
                let late = wrong.code == "wrong_state";
                problem.try_set(Some(wrong));
                if late {
                    on_done.run(());
                }
            }
        });
    };
    view! {
        <form
            class="stack"
            id="first-start"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <div class="stack stack-tight">
                <h2>{tr!("set-up-title")}</h2>
                <p class="weak">{tr!("set-up-text")}</p>
            </div>
            <Field
                label=tr!("set-up-password")
                hint=tr!("set-up-hint", count = SHORTEST)
                error=Signal::derive(move || (tried.get() && short()).then(|| t!("set-up-short", count = SHORTEST)))
                id="new-password"
            >
                <TextInput value=password kind="password" autocomplete="new-password" large=true focus=true />
            </Field>
            <Field
                label=tr!("set-up-repeat")
                error=Signal::derive(move || (tried.get() && !short() && differs()).then(|| t!("set-up-differs")))
                id="repeat-password"
            >
                <TextInput value=repeated kind="password" autocomplete="new-password" large=true />
            </Field>
            {move || problem.get().map(|problem| view! { <Notice text=problem.sentence tone=Tone::Danger /> })}
            <Button
                label=tr!("set-up-button")
                look=Look::Primary
                wide=true
                large=true
                submit=true
                busy=busy
                id="set-up-button"
                on_press=|| ()
            />
        </form>
    }
}
