use api::{
    path,
    session::{BeginProvider, FinishProvider, ProviderBegun, SignedIn},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::{
    kit::{Button, Failure, Icon, Loading, Look, Notice, Tone},
    problem::Problem,
    session, t, tr, transport,
};

/// The button of the identity provider. On the desktop the person's own browser opens and the shell does the rest; in a
/// browser this page goes there and comes back to [`Return`].
#[component]
pub fn ProviderButton(label: String) -> impl IntoView {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let label = StoredValue::new(label);
    let go = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let outcome = if transport::is_desktop() {
                transport::sign_in_elsewhere().await.map(session::entered)
            } else {
                let request = BeginProvider::default();
                let begun =
                    transport::post::<_, ProviderBegun>(path::PROVIDER_BEGIN, &request).await;
                begun.map(|begun| {
                    let _ = window().location().set_href(&begun.address);
                })
            };
            if let Err(wrong) = outcome {
                busy.try_set(false);
                problem.try_set(Some(wrong));
            }
        });
    };
    view! {
        <div class="stack">
            <p class="sign-in-or small weak">{tr!("sign-in-or")}</p>
            <Button
                label=Signal::derive(move || t!("sign-in-provider", label = label.get_value()))
                icon=Icon::Key
                wide=true
                large=true
                busy=busy
                id="provider-button"
                on_press=go
            />
            {move || {
                (busy.get() && transport::is_desktop())
                    .then(|| view! { <p class="small weak" role="status">{tr!("sign-in-provider-waiting")}</p> })
            }}
            {move || problem.get().map(|problem| view! { <Notice text=problem.sentence tone=Tone::Danger /> })}
        </div>
    }
}

/// `/sign-in/return`: the browser is back from the provider. The code in the address is used at once and leaves the history.
#[component]
pub fn Return() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let problem = RwSignal::new(None::<Problem>);
    let navigate = use_navigate();
    leptos::task::spawn_local(async move {
        let request = FinishProvider {
            state: query.get("state").unwrap_or_default(),
            code: query.get("code").unwrap_or_default(),
            attempt: None,
        };
        match transport::post::<_, SignedIn>(path::PROVIDER_FINISH, &request).await {
            Ok(_) => navigate(
                "/",
                leptos_router::NavigateOptions {
                    replace: true,
                    ..Default::default()
                },
            ),
            Err(wrong) => {
                problem.try_set(Some(wrong));
            }
        }
    });
    move || {
        match problem.get() {
        None => view! {
            <main class="frame-wait">
                <p role="status">{tr!("sign-in-returning")}</p>
                <Loading lines=2 />
            </main>
        }
        .into_any(),
        Some(wrong) => view! {
            <main class="frame-wait">
                <Failure title=t!("sign-in-return-failed") text=wrong.sentence details=wrong.details />
                <Button
                    label=tr!("sign-in-return-again")
                    look=Look::Primary
                    on_press=|| {
                        let _ = window().location().set_href("/");
                    }
                />
            </main>
        }
        .into_any(),
    }
    }
}
