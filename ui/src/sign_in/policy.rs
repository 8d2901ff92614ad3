use api::{path, roles::RoleLine, session::SignInPolicy};
use kernel::Paged;
use leptos::prelude::*;

use crate::{
    kit::{Button, Checkbox, Look, Notice, Tone, toast},
    loaded::Loaded,
    problem::Problem,
    settings::Page,
    t, tr, transport,
};

/// What signing in asks of whom: the roles whose holders must have a second factor. For the Settings window.
#[component]
pub fn SignInRules() -> impl IntoView {
    let read = Loaded::new(|| async {
        let rules = transport::get::<SignInPolicy>(path::SIGN_IN_POLICY, &[]).await?;
        let limit = [("limit", "200".to_owned())];
        let roles = transport::get::<Paged<RoleLine>>(path::ROLES, &limit).await?;
        Ok((rules, roles.items))
    });
    view! {
        <Page title=tr!("policy-title")>
            <div class="stack" id="sign-in-rules">{read
                .view(
                    4,
                    || t!("policy-failed"),
                    move || match read.get_untracked() {
                        Some((rules, roles)) => view! { <Rules rules=rules roles=roles /> }.into_any(),
                        None => ().into_any(),
                    },
                )}</div>
        </Page>
    }
}

#[component]
fn Rules(rules: SignInPolicy, roles: Vec<RoleLine>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let ticks: Vec<(RoleLine, RwSignal<bool>)> = roles
        .into_iter()
        .map(|role| {
            let asks = rules.second_factor_roles.contains(&role.key);
            (role, RwSignal::new(asks))
        })
        .collect();
    let kept = StoredValue::new(ticks.clone());
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let second_factor_roles = kept.with_value(|ticks| {
            ticks
                .iter()
                .filter(|(_, asks)| asks.get_untracked())
                .map(|(role, _)| role.key.clone())
                .collect()
        });
        leptos::task::spawn_local(async move {
            let request = SignInPolicy {
                second_factor_roles,
            };
            let answer =
                transport::put::<_, serde_json::Value>(path::SIGN_IN_POLICY, &request).await;
            busy.try_set(false);
            match answer {
                Ok(_) => toast(t!("policy-saved")),
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
                save();
            }
        >
            <h2>{tr!("policy-second-factor")}</h2>
            <p class="weak">{tr!("policy-second-factor-text")}</p>
            {ticks
                .into_iter()
                .map(|(role, asks)| {
                    let id = format!("factor-role-{}", role.key);
                    view! { <Checkbox value=asks label=Signal::stored(role.name) disabled=!role.givable id=id /> }
                })
                .collect_view()}
            {move || problem.get().map(|problem| view! { <Notice text=problem.sentence tone=Tone::Danger /> })}
            <div class="row">
                <Button
                    label=tr!("policy-save")
                    look=Look::Primary
                    submit=true
                    busy=busy
                    id="policy-save"
                    on_press=|| ()
                />
            </div>
        </form>
    }
}
