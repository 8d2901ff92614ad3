//! By what a user gets in: who vouches for them, and the second step of their sign-in.

use api::{directory::UserLine, path, session::SecondFactor};
use leptos::prelude::*;

use super::list::source_name;
use crate::{
    format,
    kit::{Badge, Button, Icon, Tone, toast, toast_with},
    loaded::Loaded,
    moment::ms,
    session,
    settings::parts::{Confirm, may_of},
    t, tr, transport,
};

/// Ids for tests: `user-identity`, `user-factor`, `user-factor-reset`, `user-factor-reset-sure`.
#[component]
pub fn Identity(user: Loaded<UserLine>) -> impl IntoView {
    let id = Memo::new(move |_| {
        user.get()
            .map(|user| user.id.to_string())
            .unwrap_or_default()
    });
    let factor = Loaded::new(move || {
        let address = path::fill(path::USER_SECOND_FACTOR, &[&id.get()]);
        async move { transport::get::<SecondFactor>(&address, &[]).await }
    });
    let changes = may_of(user, "second_factor");
    let own = move || session::me().is_some_and(|me| me.id.to_string() == id.get());
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let reset = move || {
        busy.set(true);
        let address = path::fill(path::USER_SECOND_FACTOR, &[&id.get_untracked()]);
        leptos::task::spawn_local(async move {
            let answer = transport::delete(&address, &[]).await;
            busy.try_set(false);
            asking.try_set(false);
            match answer {
                Ok(()) => toast(t!("user-factor-gone")),
                Err(refused) => toast_with(refused.sentence, Tone::Danger, None),
            }
            factor.again();
        });
    };
    let standing = move || {
        let known = factor.get()?;
        let (label, tone) = match (known.enrolled, known.required) {
            (Some(since), _) => (
                t!("user-factor-since", when = format::date(ms(since))),
                Tone::Success,
            ),
            (None, true) => (t!("user-factor-awaited"), Tone::Warning),
            (None, false) => (t!("user-factor-none"), Tone::Neutral),
        };
        Some((label, tone, known))
    };
    view! {
        <section class="stack stack-tight" id="user-identity" aria-label=tr!("user-identity")>
            <h3 class="small weak">{tr!("user-identity")}</h3>
            <div class="row">
                {move || {
                    user.get()
                        .map(|user| {
                            let icon = if user.source == "password" { Icon::Key } else { Icon::IdCard };
                            view! { <Badge label=source_name(&user.source) icon=icon /> }
                        })
                }}
                <span id="user-factor" class="row">
                    {move || {
                        standing()
                            .map(|(label, tone, known)| {
                                view! {
                                    <Badge label=label tone=tone />
                                    {known
                                        .enrolled
                                        .is_some()
                                        .then(|| view! { <span class="small weak">{t!("user-factor-left", count = known.recovery_left)}</span> })}
                                }
                            })
                    }}
                </span>
                <span class="grow"></span>
                <Show when=move || { changes.get() && !own() && factor.get().is_some_and(|f| f.enrolled.is_some()) }>
                    <Button id="user-factor-reset" label=tr!("user-factor-reset") on_press=move || asking.set(true) />
                </Show>
            </div>
            <Confirm
                id="user-factor-reset-sure"
                open=asking
                title=tr!("user-factor-reset")
                text=tr!("user-factor-reset-text")
                act=tr!("user-factor-reset")
                busy=busy
                on_act=reset
            />
        </section>
    }
}
