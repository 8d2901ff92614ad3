use api::approvals::Approval;
use leptos::prelude::*;

use crate::{
    format,
    forms::shown_plain,
    kit::{Avatar, Badge, Button, Icon, Look, Tone},
    moment::ms,
    t, tr,
};

/// What the request would do, in a few words.
fn what(one: &Approval) -> String {
    let customer = one.customer_name.clone().unwrap_or_default();
    match one.kind.as_str() {
        "create_customer" => t!("approval-create-customer"),
        "change_customer" => t!("approval-change-customer", customer = customer),
        "start_instance" => t!(
            "approval-start",
            process = one
                .process
                .as_ref()
                .map(|p| p.name.clone())
                .unwrap_or_default()
        ),
        _ => t!(
            "approval-complete",
            activity = one.activity.clone().unwrap_or_default()
        ),
    }
}

/// A value as text: amounts travel as texts and are shown as numbers.
fn value(value: &serde_json::Value) -> String {
    let plain = shown_plain(value);
    match plain.parse::<f64>() {
        Ok(_) => format::number(&plain, None),
        Err(_) => plain,
    }
}

fn state(one: &Approval) -> (String, Tone) {
    match one.state.as_str() {
        "approved" => (t!("approval-state-approved"), Tone::Success),
        "refused" => (t!("approval-state-refused"), Tone::Danger),
        "withdrawn" => (t!("approval-state-withdrawn"), Tone::Neutral),
        "failed" => (t!("approval-state-failed"), Tone::Warning),
        _ => (t!("approval-state-pending"), Tone::Info),
    }
}

#[component]
pub fn Card(
    one: Approval,
    #[prop(into)] here: Signal<bool>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] on_focus: Callback<()>,
    #[prop(into)] on_approve: Callback<(Approval,)>,
    #[prop(into)] on_refuse: Callback<(Approval,)>,
    #[prop(into)] on_withdraw: Callback<(Approval,)>,
) -> impl IntoView {
    let id = one.id.to_string();
    let kept = StoredValue::new(one.clone());
    let mine = crate::session::me().is_some_and(|me| me.id.to_string() == one.requester.key);
    let pending = one.state == "pending";
    let (label, tone) = state(&one);
    let link = match (one.customer, one.work_item.filter(|_| mine)) {
        (_, Some(item)) => Some(format!("/work-items/{item}")),
        (Some(customer), None) => Some(format!("/customers/{customer}")),
        (None, None) => None,
    };
    let title = what(&one);
    let decided = one.decider.clone().zip(one.decided);
    view! {
        <li
            class="surface approval"
            class:approval-here=here
            id=format!("approval-{id}")
            tabindex="0"
            aria-current=move || here.get().then_some("true")
            on:focusin=move |_| on_focus.run(())
        >
            <header class="approval-head">
                <Avatar name=one.requester.name.clone() />
                <div class="grow">
                    <h2 class="cut">
                        {match link {
                            Some(href) => view! { <a href=href>{title}</a> }.into_any(),
                            None => view! { <span>{title}</span> }.into_any(),
                        }}
                    </h2>
                    <p class="small weak row">
                        <span>{one.requester.name.clone()}</span>
                        <span>{format::when(ms(one.asked))}</span>
                        {(one.kind != "change_customer").then(|| one.customer_name.clone().map(|name| view! { <span>{name}</span> }))}
                        {(one.kind == "complete_work_item").then(|| one.process.clone().map(|process| view! { <span>{process.name}</span> }))}
                    </p>
                </div>
                <Badge label=label tone=tone />
            </header>
            <p class="approval-limit">
                {t!(
                    "approval-beyond", field = one.field.clone(), wanted = value(&serde_json::Value::String(one.wanted.clone())), limit =
                    value(&serde_json::Value::String(one.limit.clone()))
                )}
            </p>
            <dl class="approval-values">
                {one
                    .values
                    .iter()
                    .map(|shown| {
                        view! {
                            <div class:approval-beyond=shown.beyond>
                                <dt>{shown.label.clone()}</dt>
                                <dd class="figures">
                                    {shown
                                        .before
                                        .as_ref()
                                        .map(|before| {
                                            view! {
                                                <s class="weak">{value(before)}</s>
                                                " → "
                                            }
                                        })}
                                    {value(&shown.wanted)}
                                </dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            {(!one.reason.is_empty()).then(|| view! { <blockquote class="approval-reason">{one.reason.clone()}</blockquote> })}
            {decided
                .map(|(who, at)| {
                    let said = one.answer.clone().unwrap_or_default();
                    view! {
                        <p class="small weak">{t!("approval-decided-by", who = who.name, when = format::when(ms(at)))}</p>
                        {(!said.is_empty()).then(|| view! { <blockquote class="approval-reason">{said}</blockquote> })}
                    }
                })}
            {one.problem.clone().map(|problem| view! { <p class="tone-warning">{problem}</p> })}
            {(pending && (one.may_decide || mine))
                .then(|| {
                    view! {
                        <footer class="row approval-foot">
                            {one
                                .may_decide
                                .then(|| {
                                    view! {
                                        <Button
                                            id=format!("approve-{id}")
                                            label=tr!("approval-approve")
                                            icon=Icon::Check
                                            look=Look::Primary
                                            key="A"
                                            busy=busy
                                            on_press=move || on_approve.run((kept.get_value(),))
                                        />
                                        <Button
                                            id=format!("refuse-{id}")
                                            label=tr!("approval-refuse")
                                            key="R"
                                            disabled=busy
                                            on_press=move || on_refuse.run((kept.get_value(),))
                                        />
                                    }
                                })}
                            {mine
                                .then(|| {
                                    view! { <Button label=tr!("approval-withdraw") look=Look::Quiet on_press=move || on_withdraw.run((kept.get_value(),)) /> }
                                })}
                        </footer>
                    }
                })}
        </li>
    }
}
