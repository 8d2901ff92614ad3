use api::{
    audit::{AuditEntry, FieldChange},
    path,
};
use leptos::prelude::*;
use serde_json::Value;

use super::{
    asked::Asked,
    trail::{outcome_text, tone, took},
};
use crate::{
    format,
    kit::{Badge, Button, Icon, IconButton, Look, Tone, shortcut, toast},
    loaded::Loaded,
    moment::ms,
    t, tr, transport,
};

/// A recorded value as a person reads it.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Null => t!("audit-absent"),
        Value::Bool(true) => t!("audit-yes"),
        Value::Bool(false) => t!("audit-no"),
        Value::Number(number) => number.to_string(),
        Value::String(text) => match text.parse::<kernel::Moment>() {
            Ok(at) if text.len() > 19 => format::to_the_second(ms(at)),
            _ => text.clone(),
        },
        Value::Array(items) if items.iter().all(Value::is_string) => items
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

/// One entry beside the list: who, when, what, and each field before and after.
#[component]
pub fn Entry(
    id: String,
    asked: Memo<Asked>,
    #[prop(into)] on_change: Callback<(Asked,)>,
    #[prop(into)] on_close: Callback<()>,
    #[prop(into)] on_step: Callback<(i64,)>,
) -> impl IntoView {
    let (name, told) = (id.clone(), id.clone());
    let found = Loaded::new(move || {
        let path = path::fill(path::AUDIT_ENTRY, &[&id]);
        async move { transport::get::<AuditEntry>(&path, &[]).await }
    });
    shortcut("Escape", Signal::derive(|| t!("audit-close")), move || {
        on_close.run(());
    });
    view! {
        <aside class="audit-entry" id="audit-entry" aria-label=tr!("audit-entry", id = told.clone())>
            <header class="audit-entry-head">
                <h2 class="grow cut">{tr!("audit-entry", id = name.clone())}</h2>
                <IconButton small=true icon=Icon::ChevronUp label=tr!("audit-previous") key="K" on_press=move || on_step.run((-1,)) />
                <IconButton small=true icon=Icon::ChevronDown label=tr!("audit-next") key="J" on_press=move || on_step.run((1,)) />
                <IconButton
                    small=true
                    icon=Icon::Link
                    label=tr!("audit-copy-link")
                    on_press=move || {
                        let address = window().location().href().unwrap_or_default();
                        let _ = window().navigator().clipboard().write_text(&address);
                        toast(t!("audit-copied"));
                    }
                />
                <IconButton small=true icon=Icon::X label=tr!("audit-close") key="Esc" on_press=move || on_close.run(()) />
            </header>
            {found.view(
                8,
                || t!("settings-audit"),
                move || view! { {move || found.get().map(|entry| view! { <One entry=entry asked=asked on_change=on_change /> })} },
            )}
        </aside>
    }
}

#[component]
fn One(entry: AuditEntry, asked: Memo<Asked>, on_change: Callback<(Asked,)>) -> impl IntoView {
    let line = entry.line.clone();
    let when = ms(line.at);
    let outcome = line.outcome.clone();
    let outcome_tone = tone(&outcome);
    let narrow = move |pairs: Vec<(&'static str, Option<String>)>| {
        let mut to = Asked {
            range: "all".into(),
            entry: None,
            ..Asked::default()
        };
        for (name, value) in pairs {
            to = to.with(name, value);
        }
        to.entry = asked.get_untracked().entry;
        on_change.run((to,));
    };
    let (entity, record) = (line.entity.clone(), line.record.clone());
    let past = entry
        .has_past
        .then(|| record.clone())
        .flatten()
        .map(|record| {
            // Just before it: what the change found.
            let at = kernel::Moment::from_micros(line.at.as_micros() - 1);
            let mut at_text = String::new();
            path::encode(&at.to_string(), &mut at_text);
            format!("/settings/audit/past/{entity}/{record}?at={at_text}")
        });
    let open = match (line.entity.as_str(), &line.record, line.customer) {
        ("instance", Some(id), _) => Some(format!("/instances/{id}")),
        (_, _, Some(customer)) => Some(format!("/customers/{customer}")),
        _ => None,
    };
    let (user, session, customer) = (line.user, line.session, line.customer);
    let of_record = line.record.clone();
    let of_entity = line.entity.clone();
    view! {
        <div class="audit-entry-body">
            <div class="audit-entry-title">
                <span class="strong">{line.operation_name.clone()}</span>
                <Badge label=Signal::derive(move || outcome_text(&outcome)) tone=outcome_tone />
            </div>
            <dl class="audit-facts">
                <dt>{tr!("audit-when")}</dt>
                <dd class="figures">{move || format::to_the_second(when)}{line.microseconds.map(|m| format!(" · {}", took(m)))}</dd>
                <dt>{tr!("audit-who")}</dt>
                <dd>{line.user_name.clone()}{line.role.clone().map(|role| view! { <span class="weak">" · "{role}</span> })}</dd>
                {(!line.entity_name.is_empty()).then(|| view! {
                    <dt>{line.entity_name.clone()}</dt>
                    <dd>
                        {line.record_name.clone().map(|n| view! { <span class="strong">{n}</span>" " })}
                        <span class="mono small weak">{line.record.clone()}</span>
                    </dd>
                })}
                {line.customer_name.clone().filter(|_| line.entity != "customer").map(|name| view! {
                    <dt>{tr!("audit-column-customer")}</dt><dd>{name}</dd>
                })}
                {line.note.clone().map(|note| view! { <dt>{tr!("audit-column-note")}</dt><dd class="wrap">{note}</dd> })}
                {line.session.map(|s| view! { <dt>{tr!("audit-in-session")}</dt><dd class="mono small weak">{s.to_string()}</dd> })}
                {(!line.node.is_empty()).then(|| view! { <dt>{tr!("audit-on-node")}</dt><dd>{line.node.clone()}</dd> })}
            </dl>
            {if entry.fields.is_empty() {
                view! { <p class="weak small">{if entry.partly_hidden { t!("audit-partly-hidden") } else { t!("audit-no-change") }}</p> }.into_any()
            } else {
                view! {
                    <table class="plain-table audit-change" id="audit-change">
                        <thead><tr>
                            <th scope="col">{tr!("audit-column-changed")}</th>
                            <th scope="col">{tr!("audit-before")}</th>
                            <th scope="col">{tr!("audit-after")}</th>
                        </tr></thead>
                        <tbody>{entry.fields.into_iter().map(|field| view! { <Change field=field /> }).collect_view()}</tbody>
                    </table>
                    {entry.partly_hidden.then(|| view! { <p class="weak small">{tr!("audit-partly-hidden")}</p> })}
                }.into_any()
            }}
            <div class="audit-entry-ways">
                {past.map(|to| view! { <a class="button" id="audit-as-of" href=to>{tr!("audit-as-of")}</a> })}
                {open.map(|to| view! { <a class="button button-quiet" href=to>{tr!("audit-open-record")}</a> })}
                {user.map(|user| view! {
                    <Button look=Look::Quiet label=tr!("audit-only-user") on_press=move || narrow(vec![("user", Some(user.to_string()))]) />
                })}
                {of_record.map(|record| view! {
                    <Button
                        look=Look::Quiet
                        label=tr!("audit-only-record")
                        on_press=move || narrow(vec![("entity", Some(of_entity.clone())), ("record", Some(record.clone()))])
                    />
                })}
                {customer.map(|customer| view! {
                    <Button look=Look::Quiet label=tr!("audit-only-customer") on_press=move || narrow(vec![("customer", Some(customer.to_string()))]) />
                })}
                {session.map(|session| view! {
                    <Button look=Look::Quiet label=tr!("audit-only-session") on_press=move || narrow(vec![("session", Some(session.to_string()))]) />
                })}
            </div>
            <p class="audit-hash weak small"><span>{tr!("audit-hash")}</span>" "<span class="mono">{entry.hash}</span></p>
        </div>
    }
}

#[component]
fn Change(field: FieldChange) -> impl IntoView {
    let side = |value: Option<Value>, class: &'static str| {
        match value {
        _ if field.veiled => view! { <td><Badge label=tr!("audit-veiled") tone=Tone::Neutral icon=Icon::Lock /></td> }.into_any(),
        None => view! { <td class="weak">{tr!("audit-absent")}</td> }.into_any(),
        Some(value) => view! { <td><span class=class>{move || value_text(&value)}</span></td> }.into_any(),
    }
    };
    let before = side(field.before.clone(), "audit-old");
    let after = side(field.after.clone(), "audit-new");
    view! {
        <tr data-field=field.field.clone()>
            <th scope="row" class="wrap">{field.label}</th>
            {before}
            {after}
        </tr>
    }
}
