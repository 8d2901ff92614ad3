use api::{
    engine::{Bulk, BulkResult},
    of, path,
};
use kernel::{Id, Paged};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Whose;
use crate::{
    format,
    kit::{Badge, Button, Icon, IconButton, Look, Notice, Progress, Tone, every, toast_with},
    listed::Listed,
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    t, tr, transport,
};

/// An order for many that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    pub id: Id<of::Bulk>,
    /// How many it was given for, where that is known.
    pub of: Option<u64>,
}

fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What an order has come to, in a sentence.
fn outcome(order: &Bulk) -> String {
    let (done, refused) = (order.done, order.refused);
    match (order.kind.as_str(), order.state.as_str()) {
        (_, "cancelled") => t!("operations-cancelled", done = done, refused = refused),
        ("move", _) => t!("operations-moved", done = done, refused = refused),
        _ => t!("operations-retried", done = done, refused = refused),
    }
}

/// How far the order is that was given last or chosen from the list, and what it did not do. `on_end` runs when it has come
/// to its end in sight. Ids for tests: `order`, `order-result` (with `data-state`, `data-done`, `data-refused`),
/// `order-cancel`, `order-close`.
#[component]
pub fn Order(
    watched: RwSignal<Option<Watched>>,
    #[prop(into)] on_end: Callback<()>,
) -> impl IntoView {
    move || {
        let one = watched.get()?;
        Some(view! { <One one=one on_end=on_end on_close=move || watched.set(None) /> })
    }
}

#[component]
fn One(one: Watched, on_end: Callback<()>, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::BULK, &[&one.id.to_string()]));
    let order = Loaded::new(move || {
        let address = address.get_value();
        async move { transport::get::<Bulk>(&address, &[]).await }
    });
    // Whoever gave the order, or asks for its result, is taken to it; once the dialog before it has given the focus back.
    request_animation_frame(|| request_animation_frame(to_it));
    let runs = Memo::new(move |_| order.get().is_some_and(|order| order.state == "running"));
    every(700, move || {
        if runs.try_get_untracked() == Some(true) {
            order.again();
        }
    });
    Effect::new(move |ran: Option<bool>| {
        let runs = runs.get();
        if ran == Some(true) && !runs {
            on_end.run(());
        }
        runs
    });
    let ended = Memo::new(move |_| order.get().is_some() && !runs.get());
    let busy = RwSignal::new(false);
    let cancel = move || {
        busy.set(true);
        let address = address.get_value();
        leptos::task::spawn_local(async move {
            if let Err(problem) = transport::delete(&address, &[]).await {
                toast_with(problem.sentence, Tone::Danger, None);
            }
            busy.try_set(false);
            order.again();
        });
    };
    let result = move || {
        let order = order.get()?;
        let words = outcome(&order);
        let tone = if order.state == "cancelled" || order.refused > 0 {
            Tone::Warning
        } else {
            Tone::Success
        };
        let (state, done, refused) = (order.state, order.done, order.refused);
        if state == "running" {
            let begun = counted(done + refused);
            #[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
            let share = one
                .of
                .filter(|of| *of > 0)
                .map(|of| begun as f64 / of as f64);
            let shown = words.clone();
            return Some(
                view! {
                    <div id="order-result" data-state=state data-done=done data-refused=refused>
                        <Progress label=Signal::derive(move || shown.clone()) done=Signal::stored(share) />
                    </div>
                }
                .into_any(),
            );
        }
        Some(
            view! {
                <div id="order-result" data-state=state data-done=done data-refused=refused>
                    <Notice text=words tone=tone />
                </div>
            }
            .into_any(),
        )
    };
    view! {
        <section id="order" class="surface operations-order" tabindex="-1" aria-label=tr!("operations-order") aria-busy=move || runs.get().to_string()>
            <header class="row">
                <h2 class="grow cut">
                    {move || order.get().map(|order| order_name(&order.kind))}
                    {move || order.get().map(|order| view! { <span class="weak small">" · "{order.reason}</span> })}
                </h2>
                <Show when=move || runs.get()>
                    <Button id="order-cancel" label=tr!("operations-order-cancel") look=Look::Quiet icon=Icon::Ban busy=busy on_press=cancel />
                </Show>
                <IconButton id="order-close" icon=Icon::X label=tr!("kit-close") on_press=on_close />
            </header>
            {order.view(2, || t!("operations-order-failed"), move || result)}
            <Show when=move || ended.get()>
                <Undone order=one.id />
            </Show>
        </section>
    }
}

fn to_it() {
    let found = document().get_element_by_id("order");
    if let Some(order) = found.and_then(|order| order.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = order.focus();
    }
}

fn order_name(kind: &str) -> String {
    match kind {
        "move" => t!("operations-order-move"),
        _ => t!("operations-order-retry"),
    }
}

/// What the order did not do, with the reason.
#[component]
fn Undone(order: Id<of::Bulk>) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::BULK_RESULTS, &[&order.to_string()]));
    let results = Listed::new(move |query| {
        let address = address.get_value();
        async move { transport::get::<Paged<BulkResult>>(&address, &query).await }
    });
    results.view(
        "order-results",
        || t!("operations-order-failed"),
        move || {
            let lines = move || {
                results
                    .get()
                    .into_iter()
                    .map(|line| {
                        let (label, tone) = match line.verdict.as_str() {
                            "stays" => (t!("operations-stays"), Tone::Neutral),
                            _ => (t!("operations-refused"), Tone::Warning),
                        };
                        let why: Vec<String> = line
                            .fields
                            .into_iter()
                            .map(|field| field.sentence)
                            .filter(|sentence| !sentence.is_empty())
                            .collect();
                        let why = if why.is_empty() { line.sentence } else { why.join(" ") };
                        view! {
                            <tr>
                                <td><Whose instance=line.instance customer=line.customer name=line.customer_name /></td>
                                <td><Badge label=label tone=tone /></td>
                                <td class="operations-long">{why}</td>
                            </tr>
                        }
                    })
                    .collect_view()
            };
            view! {
                <Show when=move || results.with(|lines| !lines.is_empty())>
                    <div class="operations-table">
                        <table class="table">
                            <caption class="only-read">{tr!("operations-not-done")}</caption>
                            <thead>
                                <tr>
                                    <th scope="col">{tr!("operations-whose")}</th>
                                    <th scope="col">{tr!("operations-verdict")}</th>
                                    <th scope="col">{tr!("operations-why")}</th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                </Show>
            }
        },
    )
}

/// The last orders of a kind; one of them can be looked at again.
#[component]
pub fn Orders(
    kind: &'static str,
    watched: RwSignal<Option<Watched>>,
    pulse: RwSignal<u64>,
) -> impl IntoView {
    let found = Loaded::new(move || {
        pulse.track();
        watched.track();
        async move {
            let all: Vec<Bulk> = transport::get(path::BULKS, &[]).await?;
            let own = all.into_iter().filter(|order| order.kind == kind);
            Ok::<_, Problem>(own.collect::<Vec<_>>())
        }
    });
    let lines = move || {
        found
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|order| {
                let id = order.id;
                let at = ms(order.at);
                let (label, tone) = match order.state.as_str() {
                    "running" => (t!("state-running"), Tone::Info),
                    "cancelled" => (t!("state-cancelled"), Tone::Neutral),
                    _ => (t!("state-completed"), Tone::Success),
                };
                view! {
                    <tr>
                        <td class="figures weak">{format::when(at)}</td>
                        <td class="operations-long">{order.reason}</td>
                        <td>{order.by}</td>
                        <td><Badge label=label tone=tone /></td>
                        <td class="table-end figures">{format::count(counted(order.done))}</td>
                        <td class="table-end figures">{format::count(counted(order.refused))}</td>
                        <td class="table-end">
                            <Button
                                label=tr!("operations-order-show")
                                look=Look::Quiet
                                on_press=move || watched.set(Some(Watched { id, of: None }))
                            />
                        </td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <section class="stack">
            <h2>{tr!("operations-orders")}</h2>
            {found.view(
                3,
                || t!("operations-order-failed"),
                move || {
                    view! {
                        <Show
                            when=move || found.get().is_some_and(|all| !all.is_empty())
                            fallback=|| view! { <p class="weak">{tr!("operations-orders-none")}</p> }
                        >
                            <div class="surface operations-table">
                                <table class="table">
                                    <thead>
                                        <tr>
                                            <th scope="col">{tr!("operations-when")}</th>
                                            <th scope="col">{tr!("operations-reason")}</th>
                                            <th scope="col">{tr!("operations-by")}</th>
                                            <th scope="col">{tr!("operations-state")}</th>
                                            <th scope="col" class="table-end">{tr!("operations-done")}</th>
                                            <th scope="col" class="table-end">{tr!("operations-refused")}</th>
                                            <th scope="col"><span class="only-read">{tr!("operations-order-show")}</span></th>
                                        </tr>
                                    </thead>
                                    <tbody>{lines}</tbody>
                                </table>
                            </div>
                        </Show>
                    }
                },
            )}
        </section>
    }
}
