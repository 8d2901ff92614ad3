use leptos::prelude::*;

use crate::{
    kit::{Button, Look, Tone, toast_with},
    session, tr,
};

use super::{change::NewPassword, factor::Enrol};

/// What must be done before anything else is answered: a password of one's own, a second factor. The service holds to it;
/// the page only leads there.
#[component]
pub fn Unfinished() -> impl IntoView {
    let again = || leptos::task::spawn_local(session::begin());
    let password = untrack(session::me).is_some_and(|me| me.must_change_password);
    view! {
        <main class="sign-in" id="unfinished">
            <div class="sign-in-card">
                <header class="sign-in-brand">
                    <img src="/engage.svg" alt="" width="32" height="32" />
                    <span class="display">"Engage"</span>
                </header>
                {if password {
                    view! {
                        <h2>{tr!("password-must-title")}</h2>
                        <NewPassword must=true on_done=again />
                    }
                        .into_any()
                } else {
                    view! {
                        <div class="stack stack-tight">
                            <h2>{tr!("factor-must-title")}</h2>
                            <p>{tr!("factor-must-text")}</p>
                        </div>
                        <Enrol on_done=again />
                    }
                        .into_any()
                }}
                <Button
                    label=tr!("unfinished-leave")
                    look=Look::Quiet
                    id="unfinished-leave"
                    on_press=|| {
                        leptos::task::spawn_local(async {
                            if let Err(problem) = session::sign_out().await {
                                toast_with(problem.sentence, Tone::Danger, None);
                            }
                        });
                    }
                />
            </div>
        </main>
    }
}
