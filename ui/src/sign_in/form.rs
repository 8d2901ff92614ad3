use leptos::prelude::*;

use super::factor::Code;
use crate::{
    kit::{Button, Field, Look, Notice, TextInput, Tone},
    problem::Problem,
    remember, session, tr,
};

/// Login and password. Ids for tests: `login`, `password`, `sign-in-button`.
#[component]
pub fn SignInForm(
    /// Login and password that somebody chose from the demo world's list: signs in with them at once.
    fill: RwSignal<Option<(String, String)>>,
    /// Over a page: only the password is asked for.
    #[prop(optional)]
    again: bool,
) -> impl IntoView {
    let known = if again {
        untrack(session::me).map(|me| me.login)
    } else {
        remember::read::<String>("engage.login")
    };
    let has_login = known.is_some();
    let login = RwSignal::new(known.unwrap_or_default());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let code = RwSignal::new(String::new());
    let asks = RwSignal::new(false);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let (name, word) = (login.get_untracked(), password.get_untracked());
            let shown = code.get_untracked();
            let shown = (!shown.trim().is_empty()).then_some(shown);
            let outcome = session::sign_in(name.trim(), &word, shown).await;
            // Signed in, this form is gone.
            busy.try_set(false);
            if let Err(wrong) = outcome {
                code.try_set(String::new());
                if wrong.code == "second_factor_required" {
                    // The password was right: it goes along with the code.
                    asks.try_set(true);
                    problem.try_set(Some(wrong));
                    return;
                }
                asks.try_set(false);
                password.try_set(String::new());
                problem.try_set(Some(wrong));
            }
        });
    };
    Effect::new(move |_| {
        if let Some((name, word)) = fill.get() {
            login.set(name);
            password.set(word);
            send();
        }
    });
    view! {
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <Field label=tr!("sign-in-login") id=if again { "login-again" } else { "login" }>
                <TextInput value=login autocomplete="username" large=true focus=!has_login disabled=again />
            </Field>
            <Field label=tr!("sign-in-password") id=if again { "password-again" } else { "password" }>
                <TextInput
                    value=password
                    kind="password"
                    autocomplete="current-password"
                    large=true
                    focus=has_login
                />
            </Field>
            {move || {
                asks.get()
                    .then(|| {
                        view! {
                            <Code
                                value=code
                                label=tr!("sign-in-code")
                                hint=tr!("sign-in-code-hint")
                                problem=problem
                            />
                        }
                    })
            }}
            {move || problem.get().filter(|problem| problem.code != "second_factor_required").map(|problem| view! { <Notice text=problem.sentence tone=Tone::Danger /> })}
            <Button
                label=tr!("sign-in-button")
                look=Look::Primary
                wide=true
                large=true
                submit=true
                busy=busy
                id=if again { "sign-in-again-button" } else { "sign-in-button" }
                on_press=|| ()
            />
        </form>
    }
}
