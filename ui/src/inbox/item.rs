use api::{
    path,
    work::{Instance, WorkItem, WorkItemLine},
};
use leptos::prelude::*;

use super::list::due_class;
use crate::{
    desk::{Steps, instance_state},
    format,
    kit::{Avatar, Badge, Button, Drawn, Icon, Look, Tone, now_ms},
    loaded::Loaded,
    moment::ms,
    t, tr, transport,
    why::why,
};

/// What the chosen item is about: enough to decide whether to open it.
#[component]
pub fn Preview(line: WorkItemLine, #[prop(into)] on_open: Callback<()>) -> impl IntoView {
    let address = path::instance(line.instance);
    let instance = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<Instance>(&address, &[]).await }
    });
    // A line does not say why it came here; the whole does.
    let whole = {
        let address = path::work_item(line.id);
        Loaded::new(move || {
            let address = address.clone();
            async move { transport::get::<WorkItem>(&address, &[]).await }
        })
    };
    let because = move || {
        let item = whole.get()?;
        let words = why(&item.reason, &item.reason_facts)?;
        Some(view! {
            <dt>{t!("item-why")}</dt>
            <dd id="item-why">{words}</dd>
        })
    };
    let name = line
        .customer_name
        .clone()
        .unwrap_or_else(|| line.process.name.clone());
    let (state, tone) = instance_state(&line.state);
    let facts: Vec<(String, String, String)> = [
        Some((t!("item-process"), line.process.name.clone(), String::new())),
        line.paused.map(|since| {
            (
                t!("inbox-waits"),
                format!(
                    "{} · {}",
                    format::ago(ms(since)),
                    format::date_time(ms(since))
                ),
                String::new(),
            )
        }),
        line.due.filter(|_| line.paused.is_none()).map(|due| {
            let at = ms(due);
            (
                t!("item-due"),
                format!("{} · {}", format::due(at), format::date_time(at)),
                due_class(at, now_ms()).to_owned(),
            )
        }),
        Some((
            t!("item-since"),
            format!(
                "{} · {}",
                format::ago(ms(line.created)),
                format::date_time(ms(line.created))
            ),
            String::new(),
        )),
        line.group
            .clone()
            .map(|group| (t!("item-group"), group.name, String::new())),
        line.assignee
            .clone()
            .map(|user| (t!("item-assignee"), user.name, String::new())),
        line.sender
            .clone()
            .map(|sender| (t!("item-sender"), sender, String::new())),
        line.outcome
            .clone()
            .map(|outcome| (t!("timeline-outcome"), outcome, String::new())),
        line.closed.map(|closed| {
            (
                t!("item-closed"),
                format::date_time(ms(closed)),
                String::new(),
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let escalated = line.escalation_level;
    view! {
        <div class="preview">
            <header class="preview-head">
                <Avatar name=name.clone() large=true />
                <div class="grow">
                    <h1 class="cut">{line.activity}</h1>
                    <p class="small weak row">
                        {match line.customer {
                            Some(id) => view! { <a href=format!("/customers/{id}")>{name}</a> }.into_any(),
                            None => view! { <span>{name}</span> }.into_any(),
                        }}
                        <Badge label=state tone=tone />
                        {(escalated > 0)
                            .then(|| view! { <Badge label=t!("inbox-escalated", level = escalated) tone=Tone::Danger icon=Icon::TriangleAlert /> })}
                    </p>
                </div>
                <Button id="open-item" label=tr!("inbox-attend") look=Look::Primary icon=Icon::Play key="↵" on_press=on_open />
            </header>
            <dl class="detail preview-facts">
                {facts
                    .into_iter()
                    .map(|(label, value, class)| {
                        view! {
                            <dt>{label}</dt>
                            <dd class=class>{value}</dd>
                        }
                    })
                    .collect_view()}
                {because}
            </dl>
            <section class="preview-steps">
                <h2 class="row"><Drawn icon=Icon::History />{tr!("instance-steps")}</h2>
                {instance
                    .view(
                        3,
                        || t!("instance-failed"),
                        move || move || instance.get().map(|instance| view! { <Steps steps=instance.steps /> }),
                    )}
            </section>
        </div>
    }
}
