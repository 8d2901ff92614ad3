use api::{
    path,
    work::{StartInstance, Startable, Started},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::Map;
use wasm_bindgen::JsCast;

use crate::{
    kit::{Dialog, Drawn, EmptyState, Icon, TextInput, Tone, fold, toast, toast_with},
    loaded::Loaded,
    t, tr, transport,
};

/// Chooses a process for the customer and starts it; the first work item for this person opens at once. Ids for tests:
/// `start-dialog`, `start-PROCESS`.
#[component]
pub fn StartProcess(customer: String, open: RwSignal<bool>) -> impl IntoView {
    let customer = StoredValue::new(customer);
    view! {
        <Dialog open=open title=tr!("start-title") id="start-dialog">
            {move || view! { <Choose customer=customer.get_value() open=open /> }}
        </Dialog>
    }
}

#[component]
fn Choose(customer: String, open: RwSignal<bool>) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::CUSTOMER_STARTABLE, &[&customer]));
    let customer = StoredValue::new(customer);
    let startable = Loaded::new(move || async move {
        transport::get::<Vec<Startable>>(&address.get_value(), &[]).await
    });
    let text = RwSignal::new(String::new());
    let busy = RwSignal::new(None::<String>);
    let navigate = StoredValue::new(use_navigate());
    let start = move |process: Startable| {
        if busy.with_untracked(Option::is_some) {
            return;
        }
        busy.set(Some(process.key.clone()));
        leptos::task::spawn_local(async move {
            let request = StartInstance {
                process: process.key.clone(),
                customer: customer.get_value().parse().ok(),
                variables: Map::new(),
            };
            let answer: Result<Started, _> = transport::post(path::INSTANCES, &request).await;
            busy.try_set(None);
            match answer {
                Ok(started) => {
                    crate::frame::notifications::own(
                        started.work_items.iter().map(ToString::to_string),
                    );
                    open.set(false);
                    match started.work_items.first() {
                        Some(item) => navigate.with_value(|navigate| {
                            navigate(&format!("/work-items/{item}"), Default::default());
                        }),
                        None => toast(t!("start-done", name = process.name)),
                    }
                }
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
        });
    };
    let fitting = move || {
        let wanted = fold(&text.get());
        startable
            .get()
            .unwrap_or_default()
            .into_iter()
            .filter(|process| {
                fold(&format!("{} {}", process.name, process.description)).contains(&wanted)
            })
            .collect::<Vec<_>>()
    };
    let list = NodeRef::<leptos::html::Div>::new();
    let keys = move |event: web_sys::KeyboardEvent| {
        let forward = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        event.prevent_default();
        let Some(list) = list.get_untracked() else {
            return;
        };
        let Ok(found) = list.query_selector_all("button.option") else {
            return;
        };
        let lines: Vec<web_sys::HtmlElement> = (0..found.length())
            .filter_map(|at| found.item(at))
            .map(JsCast::unchecked_into)
            .collect();
        let focused = document().active_element();
        let at = lines
            .iter()
            .position(|line| focused.as_ref().is_some_and(|f| f.is_same_node(Some(line))));
        let to = match (at, forward) {
            (None, _) => 0,
            (Some(at), true) => (at + 1).min(lines.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        if let Some(line) = lines.get(to) {
            let _ = line.focus();
        }
    };
    view! {
        <div class="stack" node_ref=list on:keydown=keys>
            <TextInput
                value=text
                kind="search"
                icon=Icon::Search
                label=tr!("start-search")
                placeholder=tr!("start-search")
                focus=true
                on_enter=move || {
                    if let Some(first) = untrack(fitting).into_iter().next() {
                        start(first);
                    }
                }
            />
            {startable
                .view(
                    3,
                    || t!("start-failed"),
                    move || {
                        move || {
                            let all = fitting();
                            if all.is_empty() {
                                return view! {
                                    <EmptyState icon=Icon::Workflow title=tr!("start-none") text=Signal::derive(|| t!("start-none-text")) />
                                }
                                    .into_any();
                            }
                            view! {
                                <ul class="choices">
                                    {all
                                        .into_iter()
                                        .map(|process| {
                                            let own = process.key.clone();
                                            let chosen = process.clone();
                                            view! {
                                                <li>
                                                    <button
                                                        type="button"
                                                        class="option option-tall"
                                                        id=format!("start-{}", process.key)
                                                        on:click=move |_| start(chosen.clone())
                                                    >
                                                        <Drawn icon=Icon::Workflow />
                                                        <span class="stack stack-tight grow">
                                                            <span class="strong">{process.name}</span>
                                                            <span class="small weak">{process.description}</span>
                                                        </span>
                                                        {move || {
                                                            (busy.with(|busy| busy.as_ref() == Some(&own)))
                                                                .then(|| view! { <span class="spinner"></span> })
                                                        }}
                                                    </button>
                                                </li>
                                            }
                                        })
                                        .collect_view()}
                                </ul>
                            }
                                .into_any()
                        }
                    },
                )}
        </div>
    }
}
