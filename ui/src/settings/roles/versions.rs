use api::{path, roles::RoleVersion};
use leptos::prelude::*;

use super::{editing::Editing, model, words};
use crate::{
    format,
    kit::{Badge, Button, EmptyState, Icon, Tone},
    loaded::Loaded,
    moment::ms,
    t, tr, transport,
};

/// Every state that the role had: what each changed against the one before, and a way back to it.
#[component]
pub fn Versions(editing: Editing) -> impl IntoView {
    let base = editing.base;
    let number = Memo::new(move |_| base.with(|base| (base.key.clone(), base.version)));
    let versions = Loaded::new(move || {
        let (key, _) = number.get();
        let address = path::fill(path::ROLE_VERSIONS, &[&key]);
        async move { transport::get::<Vec<RoleVersion>>(&address, &[]).await }
    });
    let chosen = RwSignal::new(None::<i64>);
    versions.view(
        6,
        || t!("role-versions-failed"),
        move || {
            view! {
                <div class="versions">
                    <ul class="versions-list" aria-label=tr!("role-versions")>
                        {move || {
                            versions
                                .get()
                                .unwrap_or_default()
                                .into_iter()
                                .map(|version| {
                                    let own = version.number;
                                    let at = ms(version.at);
                                    let here = move || chosen.get().unwrap_or_else(|| number.get().1) == own;
                                    view! {
                                        <li>
                                            <button
                                                type="button"
                                                class="roles-line"
                                                id=format!("version-{own}")
                                                aria-current=move || here().then_some("true")
                                                on:click=move |_| chosen.set(Some(own))
                                            >
                                                <span class="grow">
                                                    <span class="strong roles-line-name">{move || t!("role-version", version = own)}</span>
                                                    <span class="weak small roles-line-text">{move || format::when(at)}" · "{version.by}</span>
                                                </span>
                                            </button>
                                        </li>
                                    }
                                })
                                .collect_view()
                        }}
                    </ul>
                    <div class="versions-one">
                        {move || {
                            let all = versions.get().unwrap_or_default();
                            let wanted = chosen.get().unwrap_or_else(|| number.get().1);
                            let Some(at) = all.iter().position(|one| one.number == wanted) else { return ().into_any() };
                            let version = all[at].clone();
                            let before = all.get(at + 1).cloned();
                            view! { <Compared editing=editing version=version before=before /> }.into_any()
                        }}
                    </div>
                </div>
            }
        },
    )
}

#[component]
fn Compared(editing: Editing, version: RoleVersion, before: Option<RoleVersion>) -> impl IntoView {
    let first = before.is_none();
    let earlier = before
        .as_ref()
        .map(|one| one.grants.clone())
        .unwrap_or_default();
    let differences = model::differences(&earlier, &version.grants);
    let current = editing.base.with_untracked(|base| base.version) == version.number;
    let number = version.number;
    let grants = version.grants.clone();
    let nothing = differences.is_empty();
    let named = editing.names.find();
    let lines = editing.catalogue.with_value(|catalogue| {
        differences
            .iter()
            .map(|one| {
                let target = words::path_of(catalogue, &one.target);
                let before = words::rules(catalogue, &one.target, &one.before, &named);
                let after = words::rules(catalogue, &one.target, &one.after, &named);
                let verb = one.verb;
                view! {
                    <tr>
                        <td><span class="strong">{target}</span></td>
                        <td><Badge label=Signal::derive(move || words::verb(verb)) /></td>
                        <td class="difference-removed">{before}</td>
                        <td class="difference-added">{after}</td>
                    </tr>
                }
            })
            .collect_view()
    });
    view! {
        <div class="stack">
            <div class="row">
                <h3 class="grow">
                    {move || {
                        if first { t!("role-version-first") } else { t!("role-version-against", version = number, before = number - 1) }
                    }}
                </h3>
                {if current {
                    view! { <Badge label=tr!("role-version-current") tone=Tone::Success icon=Icon::Check /> }.into_any()
                } else {
                    let grants = grants.clone();
                    view! {
                        <Show when=move || editing.may_change.get()>
                            <Button
                                id="version-restore"
                                label=tr!("role-version-restore")
                                icon=Icon::History
                                on_press={
                                    let grants = grants.clone();
                                    move || {
                                        let grants = grants.clone();
                                        editing.change(|own| *own = grants);
                                        crate::kit::toast(t!("role-version-restored", version = number));
                                    }
                                }
                            />
                        </Show>
                    }
                        .into_any()
                }}
            </div>
            {if nothing {
                view! { <EmptyState icon=Icon::Check title=tr!("role-version-same") /> }.into_any()
            } else {
                view! {
                    <div class="effect-table">
                        <table class="plain-table compared">
                            <thead>
                                <tr>
                                    <th scope="col">{tr!("matrix-what")}</th>
                                    <th scope="col">{tr!("role-verb")}</th>
                                    <th scope="col">{tr!("role-before")}</th>
                                    <th scope="col">{tr!("role-after")}</th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
                    .into_any()
            }}
        </div>
    }
}
