use api::{customers::Customer, path};
use form::CustomerSchema;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    contacts::Contacts, facts::Facts, history::History, instances::Instances, start::StartProcess,
    types,
};
use crate::{
    format,
    frame::tabs,
    kit::{Avatar, Badge, Button, Icon, Look, SplitPane, Tab, Tabs, Tone, shortcut},
    loaded::Loaded,
    moment::ms,
    prefs::preferences,
    session, t, tr,
    transport::{self, live},
};

/// Customer 360: who, how important, what is open, on one screen. Ids for tests: `customer-name`, `start-process`,
/// `tab-facts`, `tab-work`, `tab-history`, `tab-contacts`.
#[component]
pub fn CustomerPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    // A page of its own for every customer: nothing of one is ever seen under the name of another.
    move || {
        let id = id.get();
        view! { <One id=id /> }
    }
}

#[component]
fn One(id: String) -> impl IntoView {
    let customer = {
        let path = path::fill(path::CUSTOMER, &[&id]);
        Loaded::new(move || {
            let path = path.clone();
            async move {
                let (customer, _) =
                    futures::join!(transport::get::<Customer>(&path, &[]), types::load());
                customer
            }
        })
    };
    {
        let id = id.clone();
        live::follow(
            &["customer", "instance"],
            move |event: api::events::LiveEvent| {
                if event.topic.starts_with("instance") || live::is_about(&event, &id) {
                    customer.again();
                }
            },
        );
    }
    {
        let path = format!("/customers/{id}");
        Effect::new(move |_| match customer.get() {
            Some(customer) => tabs::name_tab(&path, &customer.name),
            None if customer.problem().is_some() => tabs::name_tab(&path, &t!("customer-none")),
            None => {}
        });
    }
    customer.view(
        10,
        || t!("customer-failed"),
        move || {
            let id = id.clone();
            view! { <Whole id=id customer=customer /> }
        },
    )
}

#[component]
fn Whole(id: String, customer: Loaded<Customer>) -> impl IntoView {
    let starting = RwSignal::new(false);
    let part = RwSignal::new("facts".to_owned());
    shortcut("T", Signal::derive(|| t!("start-button")), move || {
        starting.set(true);
    });
    for (key, name, label) in [
        ("1", "facts", "customer-facts"),
        ("2", "work", "customer-work"),
        ("3", "contacts", "customer-contacts"),
    ] {
        shortcut(key, Signal::derive(move || t!(label)), move || {
            part.set(name.to_owned());
        });
    }
    let schema = Signal::derive(move || {
        customer
            .get()
            .and_then(|customer| types::find(&customer.customer_type))
    });
    let start_id = id.clone();
    let main = {
        let id = id.clone();
        ViewFn::from(move || {
            let (work, contacts) = (id.clone(), id.clone());
            view! {
                <div class="customer">
                    <Head customer=customer schema=schema starting=starting part=part />
                    <Tabs
                        chosen=part
                        label=tr!("customer-parts")
                        tabs=vec![
                            crate::kit::Tab::new("facts", Signal::derive(|| t!("customer-facts"))),
                            Tab::new("work", Signal::derive(|| t!("customer-work")))
                                .counting(Signal::derive(move || customer.get().and_then(|customer| customer.open_instances).map(u64::from))),
                            Tab::new("contacts", Signal::derive(|| t!("customer-contacts"))),
                        ]
                    />
                    <div class="customer-part" role="tabpanel">
                        {move || match part.get().as_str() {
                            "work" => view! { <Instances customer=work.clone() starting=starting /> }.into_any(),
                            "contacts" => view! { <Contacts customer=contacts.clone() /> }.into_any(),
                            _ => view! { <Facts customer=customer schema=schema /> }.into_any(),
                        }}
                    </div>
                </div>
            }
        })
    };
    let side = {
        let id = id.clone();
        ViewFn::from(move || view! { <History customer=id.clone() /> })
    };
    view! {
        <SplitPane
            name="customer.history"
            at_end=true
            width=460.0
            least=320.0
            most=760.0
            key=("H", Signal::derive(|| t!("customer-history-toggle")))
            label=tr!("customer-history-width")
            side=side
            main=main
        />
        <StartProcess customer=start_id open=starting />
    }
}

/// The first line: who, how important, what is open.
#[component]
fn Head(
    customer: Loaded<Customer>,
    schema: Signal<Option<CustomerSchema>>,
    starting: RwSignal<bool>,
    part: RwSignal<String>,
) -> impl IntoView {
    let name = Signal::derive(move || {
        customer
            .get()
            .map(|customer| customer.name)
            .unwrap_or_default()
    });
    let kind = move || {
        schema.get().map_or_else(
            || {
                customer
                    .get()
                    .map(|customer| customer.customer_type)
                    .unwrap_or_default()
            },
            |schema| schema.name.get(preferences().language()).to_owned(),
        )
    };
    let document = move || {
        let (schema, customer) = (schema.get()?, customer.get()?);
        let spec = schema
            .fields
            .iter()
            .find(|field| matches!(field.kind, form::FieldKind::Document { .. }))?;
        let value = customer.fields.get(&spec.key)?;
        let text = crate::forms::shown(spec, value);
        (!text.is_empty()).then(|| format!("{} {text}", types::label(spec)))
    };
    // The service gives the key; what the designer calls it is in the field.
    let segment = move || {
        let key = customer.get()?.segment.filter(|key| !key.is_empty())?;
        let named = schema.get().and_then(|schema| {
            let spec = schema.field("segment")?;
            Some(crate::forms::shown(
                spec,
                &serde_json::Value::String(key.clone()),
            ))
        });
        Some(named.unwrap_or(key))
    };
    view! {
        <header class="customer-head">
            <Avatar name=name large=true />
            <div class="grow">
                <h1 class="cut" id="customer-name">{name}</h1>
                <p class="row small weak customer-line">
                    <span>{kind}</span>
                    {move || document().map(|document| view! { <span class="figures">{document}</span> })}
                    {move || {
                        // Whoever may not read the history is not told that there is none.
                        let told = session::me().is_some_and(|me| me.permissions.may(access::Verb::Read, "history"));
                        told.then(|| {
                            let words = match customer.get().and_then(|customer| customer.last_contact) {
                                Some(at) => t!("customer-last-contact", when = format::ago(ms(at))),
                                None => t!("customer-no-contact"),
                            };
                            view! { <span>{words}</span> }
                        })
                    }}
                </p>
            </div>
            <div class="row">
                {move || segment().map(|segment| view! { <Badge label=segment tone=Tone::Accent icon=Icon::Star /> })}
                {move || {
                    let open = customer.get().and_then(|customer| customer.open_instances).unwrap_or(0);
                    (open > 0)
                        .then(|| {
                            view! {
                                <button type="button" class="badge-button" on:click=move |_| part.set("work".to_owned())>
                                    <Badge label=t!("customer-open-work", count = open) tone=Tone::Info icon=Icon::Workflow />
                                </button>
                            }
                        })
                }}
                <Button
                    id="start-process"
                    label=tr!("start-button")
                    icon=Icon::Play
                    key="T"
                    look=Look::Primary
                    on_press=move || starting.set(true)
                />
            </div>
        </header>
    }
}
