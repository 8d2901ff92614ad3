use api::{
    path,
    roles::{EffectChange, Extent, ProposedGrants, RoleEffect},
};
use leptos::prelude::*;

use super::{editing::Editing, words};
use crate::{
    kit::{Badge, Button, Dialog, Look, Notice, Tone},
    loaded::Loaded,
    t, tr, transport,
};

/// Asks before a role is changed: who gains what, who loses what, with all their other roles counted. Ids for tests:
/// `role-sure`.
#[component]
pub fn Sure(
    open: RwSignal<bool>,
    editing: Editing,
    #[prop(into)] busy: Signal<bool>,
    on_sure: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog
            open=open
            wide=true
            title=tr!("role-sure-title")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button id="role-sure" label=tr!("role-sure") look=Look::Primary busy=busy on_press=move || on_sure.run(()) />
                }
            })
        >
            <Effects editing=editing />
        </Dialog>
    }
}

#[component]
fn Effects(editing: Editing) -> impl IntoView {
    let effect = Loaded::new(move || {
        let base = editing.base.get_untracked();
        let proposed = ProposedGrants {
            grants: editing.grants.get_untracked(),
        };
        let address = path::fill(path::ROLE_EFFECT, &[&base.key]);
        async move { transport::post::<_, RoleEffect>(&address, &proposed).await }
    });
    effect.view(
        5,
        || t!("role-effect-failed"),
        move || {
            let Some(effect) = effect.get_untracked() else {
                return ().into_any();
            };
            let holders = effect.holders;
            let (gains, losses): (Vec<EffectChange>, Vec<EffectChange>) = effect
                .changes
                .into_iter()
                .partition(|change| change.after > change.before);
            let nothing = gains.is_empty() && losses.is_empty();
            view! {
                <div class="stack">
                    <p>{move || t!("role-sure-text", users = holders)}</p>
                    {nothing.then(|| view! { <Notice text=tr!("role-sure-nothing") /> })}
                    <Part editing=editing changes=losses title="role-loses" tone=Tone::Danger />
                    <Part editing=editing changes=gains title="role-gains" tone=Tone::Success />
                </div>
            }
            .into_any()
        },
    )
}

fn extent(extent: Extent) -> String {
    t!(match extent {
        Extent::All => "extent-all",
        Extent::Some => "extent-some",
        Extent::None => "extent-none",
    })
}

#[component]
fn Part(
    editing: Editing,
    changes: Vec<EffectChange>,
    title: &'static str,
    tone: Tone,
) -> impl IntoView {
    if changes.is_empty() {
        return ().into_any();
    }
    let count = changes.len();
    let lines = changes
        .into_iter()
        .map(|change| {
            let what = editing
                .catalogue
                .with_value(|catalogue| words::path_of(catalogue, &change.target));
            let who = change.names.join(", ");
            let more = change
                .users
                .saturating_sub(u32::try_from(change.names.len()).unwrap_or(u32::MAX));
            let verb = change.verb;
            let (before, after) = (change.before, change.after);
            view! {
                <tr>
                    <td><span class="strong">{what}</span></td>
                    <td><Badge label=Signal::derive(move || words::verb(verb)) tone=tone /></td>
                    <td class="small">{move || format!("{} → {}", extent(before), extent(after))}</td>
                    <td class="small weak">
                        {who}
                        {(more > 0).then(|| view! { <span>" "{move || t!("role-and-more", count = more)}</span> })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="effect-part">
            <h3>{move || t!(title, count = count)}</h3>
            <div class="effect-table"><table class="plain-table"><tbody>{lines}</tbody></table></div>
        </section>
    }
    .into_any()
}
