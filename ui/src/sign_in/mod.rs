//! The way in: first start (the administrator's password), sign-in, and sign-in over a page whose session ended.

mod change;
mod factor;
mod first_start;
mod form;
mod policy;
mod provider;
mod unfinished;

use api::session::Welcome;
use leptos::prelude::*;

use crate::{
    kit::{Badge, Button, Choice, Drawn, Icon, Look, Segments},
    loaded::Loaded,
    prefs::preferences,
    session, t, tr,
};

pub use change::{ChangePassword, ask_for_new_password};
pub use factor::{OwnSecondFactor, ask_for_second_factor};
use first_start::FirstStart;
pub use form::SignInForm;
pub use policy::SignInRules;
use provider::ProviderButton;
pub use provider::Return;
pub use unfinished::Unfinished;

/// The whole page while nobody is signed in.
#[component]
pub fn SignIn() -> impl IntoView {
    let welcome = Loaded::new(session::welcome);
    view! {
        <main class="sign-in" id="sign-in">
            <div class="sign-in-card">
                <header class="sign-in-brand">
                    <img src="/engage.svg" alt="" width="32" height="32" />
                    <span class="display">"Engage"</span>
                </header>
                {welcome
                    .view(
                        3,
                        || t!("sign-in-unreachable"),
                        move || {
                            let Some(known) = welcome.get_untracked() else { return ().into_any() };
                            if known.needs_set_up {
                                view! { <FirstStart on_done=move || welcome.again() /> }.into_any()
                            } else {
                                view! { <Known welcome=known /> }.into_any()
                            }
                        },
                    )}
            </div>
            <footer class="sign-in-foot">
                <Segments
                    label=tr!("menu-language")
                    value=move || preferences().language().tag().to_owned()
                    options=Signal::stored(vec![Choice::new("es", "Español"), Choice::new("en", "English")])
                    on_change=move |tag: String| {
                        preferences()
                            .set_language(if tag == "en" { kernel::Language::En } else { kernel::Language::Es });
                    }
                />
                <span class="small weak">{move || welcome.get().map(|known| t!("sign-in-version", version = known.product_version))}</span>
            </footer>
        </main>
    }
}

/// Sign-in with, in the demo world, its users: one press signs in.
#[component]
fn Known(welcome: Welcome) -> impl IntoView {
    let chosen = RwSignal::new(None::<(String, String)>);
    let users = welcome.demo_users;
    let any = !users.is_empty();
    let same = users
        .first()
        .map(|first| first.password.clone())
        .filter(|password| users.iter().all(|user| user.password == *password));
    view! {
        <SignInForm fill=chosen />
        {welcome.provider.map(|label| view! { <ProviderButton label=label /> })}
        {any
            .then(|| {
                view! {
                    <section class="sign-in-demo" aria-label=tr!("sign-in-demo")>
                        <div class="row">
                            <h3 class="grow">{tr!("sign-in-demo")}</h3>
                            <Badge label=tr!("sign-in-demo-badge") />
                        </div>
                        <p class="small weak">{tr!("sign-in-demo-text")}</p>
                        {same
                            .map(|password| {
                                view! {
                                    <p class="small weak">
                                        {tr!("sign-in-demo-password")}" "<code class="mono">{password}</code>
                                    </p>
                                }
                            })}
                        <ul>
                            {users
                                .into_iter()
                                .map(|user| {
                                    let fill = (user.login.clone(), user.password.clone());
                                    let role = user.role.clone();
                                    let name = user.name.clone();
                                    let id = format!("demo-user-{}", user.login);
                                    view! {
                                        <li>
                                            <button
                                                type="button"
                                                class="option"
                                                id=id
                                                on:click=move |_| chosen.set(Some(fill.clone()))
                                            >
                                                <Drawn icon=Icon::Person />
                                                <span class="stack stack-tight grow">
                                                    <span>{name}</span>
                                                    <span class="small weak">{move || t!(&role)}</span>
                                                </span>
                                                <span class="option-weak mono">{user.login}</span>
                                            </button>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </section>
                }
            })}
    }
}

/// Over a page whose session ended: the page stays as it is, with all that was typed; calls wait.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let open = RwSignal::new(false);
    let over = crate::transport::signed_out();
    Effect::new(move |_| open.set(over.get()));
    view! {
        <crate::kit::Dialog open=open title=tr!("sign-in-again") must_answer=true id="sign-in-again">
            <div class="stack">
                <p>{tr!("sign-in-again-text")}</p>
                <SignInForm fill=RwSignal::new(None) again=true />
                <Button
                    label=tr!("sign-in-other-user")
                    look=Look::Quiet
                    on_press=move || {
                        let _ = window().location().set_href("/");
                    }
                />
            </div>
        </crate::kit::Dialog>
    }
}
