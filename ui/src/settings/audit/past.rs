use api::{
    audit::{Past, PastField},
    path,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use serde_json::Value;

use super::{
    asked::moment,
    entry::value_text,
    trail::{about, local},
};
use crate::{
    format,
    kit::{Badge, Checkbox, Drawn, EmptyState, Icon, Notice, Tone, now_ms},
    loaded::Loaded,
    moment::ms,
    t, tr, transport,
};

/// What a record looked like at an instant, beside what it is now, and who changed what since.
#[component]
pub fn PastPage(entity: String, id: String) -> impl IntoView {
    let map = use_query_map();
    let navigate = StoredValue::new(use_navigate());
    let at = Memo::new(move |_| {
        map.with(|map| {
            map.get("at")
                .and_then(|at| at.parse::<kernel::Moment>().ok())
        })
        .unwrap_or_else(|| moment(now_ms()))
    });
    let address = StoredValue::new(format!("/settings/audit/past/{entity}/{id}"));
    let go = move |to: kernel::Moment| {
        let mut text = String::new();
        path::encode(&to.to_string(), &mut text);
        let to = format!("{}?at={text}", address.get_value());
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..Default::default()
        };
        navigate.with_value(|go| go(&to, options));
    };
    let found = Loaded::new(move || {
        let path = path::fill(path::AUDIT_PAST, &[&entity, &id]);
        let query = [("at", at.get().to_string())];
        async move { transport::get::<Past>(&path, &query).await }
    });
    let only = RwSignal::new(false);
    view! {
        <div class="past">
            <div class="past-bar">
                <a class="button button-quiet" href="/settings/audit"><Drawn icon=Icon::ArrowLeft /><span>{tr!("audit-past-back")}</span></a>
                <label class="weak" for="past-at">{tr!("audit-past-at")}</label>
                <input
                    type="datetime-local"
                    step="1"
                    class="audit-instant"
                    id="past-at"
                    prop:value=move || local(ms(at.get()))
                    on:change=move |event| {
                        let typed = js_sys::Date::parse(&event_target_value(&event));
                        if typed.is_finite() {
                            go(moment(typed));
                        }
                    }
                />
                <span class="weak figures">{move || format::to_the_second(ms(at.get()))}</span>
                <span class="grow"></span>
                <Checkbox value=only label=tr!("audit-past-only-differences") />
            </div>
            {found.view(
                10,
                || t!("audit-as-of"),
                move || view! { {move || found.get().map(|past| view! { <Shown past=past only=only on_at=move |to| go(to) /> })} },
            )}
        </div>
    }
}

#[component]
fn Shown(
    past: Past,
    only: RwSignal<bool>,
    #[prop(into)] on_at: Callback<(kernel::Moment,)>,
) -> impl IntoView {
    let differing = past.fields.iter().filter(|f| f.differs).count();
    let created = past.created.map(ms);
    let there = matches!(past.state.as_str(), "there" | "unknown");
    let name = past.name.clone();
    let fields = StoredValue::new(past.fields);
    view! {
        <div class="past-body">
            <section class="past-state">
                <h2 class="cut">{past.entity_name}" · "{name}</h2>
                {match past.state.as_str() {
                    "not_yet" => view! {
                        <EmptyState
                            icon=Icon::Hourglass
                            title=tr!("audit-past-not-yet")
                            text=Signal::derive(move || created.map_or_else(String::new, |at| t!("audit-past-created", at = format::to_the_second(at))))
                        />
                    }.into_any(),
                    "gone" => view! { <EmptyState icon=Icon::Trash title=tr!("audit-past-gone") /> }.into_any(),
                    _ => ().into_any(),
                }}
                {past.left_by.filter(|_| there).map(|line| {
                    let when = ms(line.at);
                    view! { <p class="weak">{move || t!("audit-past-left-by", who = line.user_name.clone(), at = format::to_the_second(when))}</p> }
                })}
                {(!past.doubts.is_empty()).then(|| view! {
                    <div class="past-doubts" id="past-doubts">
                        {past.doubts.into_iter().map(|doubt| view! { <Notice tone=Tone::Warning text=doubt /> }).collect_view()}
                    </div>
                })}
                {there.then(|| view! {
                    <p class="past-count">
                        {move || if differing == 0 { t!("audit-past-same") } else { t!("audit-past-differs", n = differing) }}
                    </p>
                    <div class="past-table">
                        <table class="plain-table">
                            <thead><tr>
                                <th scope="col">{tr!("audit-column-changed")}</th>
                                <th scope="col">{tr!("audit-past-then")}</th>
                                <th scope="col">{tr!("audit-past-today")}</th>
                            </tr></thead>
                            <tbody>
                                {move || fields
                                    .get_value()
                                    .into_iter()
                                    .filter(|f| f.differs || !only.get())
                                    .map(|field| view! { <Field field=field /> })
                                    .collect_view()}
                            </tbody>
                        </table>
                    </div>
                    {past.partly_hidden.then(|| view! { <p class="weak small">{tr!("audit-partly-hidden")}</p> })}
                })}
            </section>
            <section class="past-since">
                <h3>{tr!("audit-past-since")}</h3>
                {if past.since.is_empty() {
                    view! { <p class="weak">{tr!("audit-past-nothing-since")}</p> }.into_any()
                } else {
                    view! {
                        <ol class="past-steps">
                            {past.since.into_iter().map(|line| {
                                let when = ms(line.at);
                                let before = kernel::Moment::from_micros(line.at.as_micros() - 1);
                                let to = format!("/settings/audit?range=all&entity={}&record={}&entry={}", line.entity, line.record.clone().unwrap_or_default(), line.id);
                                view! {
                                    <li>
                                        <a class="strong" href=to>{line.operation_name.clone()}</a>
                                        <span class="weak small">{move || format::to_the_second(when)}" · "{line.user_name.clone()}</span>
                                        <span class="small wrap">{about(&line)}</span>
                                        <button type="button" class="audit-facet-all" on:click=move |_| on_at.run((before,))>
                                            {tr!("audit-before")}
                                        </button>
                                    </li>
                                }
                            }).collect_view()}
                        </ol>
                    }.into_any()
                }}
            </section>
        </div>
    }
}

#[component]
fn Field(field: PastField) -> impl IntoView {
    let text = |value: Option<Value>| {
        value
            .as_ref()
            .map_or_else(|| t!("audit-absent"), value_text)
    };
    let (then, now) = (field.then.clone(), field.now.clone());
    let doubt = field.doubt.clone();
    view! {
        <tr id=format!("past-{}", field.field.replace('.', "-")) class:past-differs=field.differs>
            <th scope="row" class="wrap">{field.label}</th>
            <td class="past-then">
                {match doubt.as_deref() {
                    Some("veiled") => view! { <Badge label=tr!("audit-veiled") tone=Tone::Neutral icon=Icon::Lock /> }.into_any(),
                    Some(_) => view! { <span class="past-unsure"><Drawn icon=Icon::TriangleAlert />{move || text(then.clone())}</span> }.into_any(),
                    None => view! { {move || text(then.clone())} }.into_any(),
                }}
            </td>
            <td class="weak">{move || text(now.clone())}</td>
        </tr>
    }
}
