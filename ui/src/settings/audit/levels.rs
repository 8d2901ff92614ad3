use api::{
    audit::{AuditLevel, AuditLevels, SetAuditLevel},
    path,
};
use leptos::prelude::*;

use crate::{
    kit::{Badge, Button, Choice, Dialog, Icon, Look, Select, Tone, toast, toast_with},
    loaded::Loaded,
    problem::Problem,
    t, tr, transport,
};

/// How much is recorded of each thing.
#[component]
pub fn Levels() -> impl IntoView {
    let found =
        Loaded::new(|| async { transport::get::<AuditLevels>(path::AUDIT_LEVELS, &[]).await });
    let asking = RwSignal::new(None::<(SetAuditLevel, String)>);
    let open = RwSignal::new(false);
    let save = move |set: SetAuditLevel| {
        leptos::task::spawn_local(async move {
            let done: Result<serde_json::Value, Problem> =
                transport::put(path::AUDIT_LEVELS, &set).await;
            match done {
                Ok(_) => toast(t!("audit-level-saved")),
                Err(refused) => toast_with(refused.sentence, Tone::Danger, None),
            }
            found.again();
        });
    };
    // To stop recording changes is said out loud first.
    let change = move |set: SetAuditLevel, what: String| {
        if set.level.as_deref() == Some("security") {
            asking.set(Some((set, what)));
            open.set(true);
        } else {
            save(set);
        }
    };
    view! {
        <div class="audit-page">
            <p class="weak audit-lead">{tr!("audit-levels-text")}</p>
            {found.view(8, || t!("audit-levels"), move || view! {
                <div class="surface audit-levels">
                    <table class="plain-table">
                        <thead><tr>
                            <th scope="col">{tr!("audit-level-thing")}</th>
                            <th scope="col">{tr!("audit-level-what")}</th>
                        </tr></thead>
                        <tbody>
                            {move || found.get().map(|levels| {
                                let changeable = levels.changeable;
                                std::iter::once(levels.everywhere)
                                    .chain(levels.lines)
                                    .map(|level| view! { <Line level=level changeable=changeable on_change=move |set, what| change(set, what) /> })
                                    .collect_view()
                            })}
                        </tbody>
                    </table>
                </div>
            })}
        </div>
        <Dialog
            open=open
            title=tr!("audit-level-security")
            on_close=move || found.again()
            actions=move || view! {
                <Button label=tr!("audit-level-cancel") on_press=move || { open.set(false); found.again(); } />
                <Button
                    id="level-confirm"
                    look=Look::Danger
                    label=tr!("audit-level-confirm")
                    on_press=move || {
                        open.set(false);
                        if let Some((set, _)) = asking.get_untracked() {
                            save(set);
                        }
                    }
                />
            }
        >
            <p>{move || t!("audit-level-warn", what = asking.with(|a| a.as_ref().map(|(_, w)| w.clone()).unwrap_or_default()))}</p>
        </Dialog>
    }
}

fn level_text(level: &str) -> String {
    match level {
        "security" => t!("audit-level-security"),
        "writes" => t!("audit-level-writes"),
        "sensitive" => t!("audit-level-sensitive"),
        _ => t!("audit-level-reads"),
    }
}

#[component]
fn Line(
    level: AuditLevel,
    changeable: bool,
    #[prop(into)] on_change: Callback<(SetAuditLevel, String)>,
) -> impl IntoView {
    let everywhere = level.module == "*";
    let whole = level.entity == "*";
    let what = if everywhere {
        t!("audit-level-everything")
    } else if whole {
        level.module_name.clone()
    } else {
        level.entity_name.clone()
    };
    let value = RwSignal::new(level.level.clone().unwrap_or_default());
    let effective = level.effective.clone();
    let reads = level.reads || whole;
    let options = Signal::derive(move || {
        ["security", "writes", "sensitive", "reads"]
            .iter()
            .filter(|l| reads || !matches!(**l, "sensitive" | "reads"))
            .map(|l| Choice::new(*l, level_text(l)))
            .collect::<Vec<_>>()
    });
    let (module, entity, named) = (level.module.clone(), level.entity.clone(), what.clone());
    let id = format!(
        "level-{}-{}",
        level.module.replace('*', "all"),
        level.entity.replace('*', "all")
    );
    let inherited = move || {
        if everywhere {
            level_text("writes")
        } else {
            t!("audit-level-inherit-is", level = level_text(&effective))
        }
    };
    let row = if whole {
        "audit-level-module"
    } else {
        "audit-level-entity"
    };
    view! {
        <tr class=row>
            <th scope="row">{what.clone()}</th>
            <td>
                {if level.locked {
                    view! { <Badge label=tr!("audit-level-locked") icon=Icon::Lock tone=Tone::Success /> }.into_any()
                } else {
                    view! {
                        <Select
                            value=value
                            id=id
                            options=options
                            label=Signal::stored(what.clone())
                            none=Signal::derive(inherited)
                            disabled=!changeable
                            on_commit=move || {
                                let level = Some(value.get_untracked()).filter(|l| !l.is_empty());
                                let set = SetAuditLevel { module: module.clone(), entity: entity.clone(), level };
                                on_change.run((set, named.clone()));
                            }
                        />
                    }.into_any()
                }}
            </td>
        </tr>
    }
}
