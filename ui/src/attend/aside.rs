use api::{
    customers::Customer,
    path,
    work::{Instance, WorkItem},
};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    desk::{Steps, types},
    forms::shown,
    kit::{Drawn, Icon},
    loaded::Loaded,
    prefs::preferences,
    t, tr, transport,
};

/// Beside the form: the script of the activity, who the customer is, the steps so far.
#[component]
pub fn Aside(item: Loaded<WorkItem>) -> impl IntoView {
    let Some(first) = item.get_untracked() else {
        return ().into_any();
    };
    let help = first.help.filter(|help| !help.is_empty());
    let instance = {
        let address = path::instance(first.line.instance);
        Loaded::new(move || {
            // A closed or handed-over item is another step of the instance.
            item.get();
            let address = address.clone();
            async move { transport::get::<Instance>(&address, &[]).await }
        })
    };
    view! {
        <aside class="attend-aside" aria-label=tr!("attend-aside")>
            {help
                .map(|help| {
                    view! {
                        <section class="aside-part">
                            <h2 class="row"><Drawn icon=Icon::Script />{tr!("attend-script")}</h2>
                            <p class="aside-script">{move || help.get(preferences().language()).to_owned()}</p>
                        </section>
                    }
                })}
            {first.line.customer.map(|customer| view! { <WhoIs id=customer.to_string() /> })}
            <section class="aside-part">
                <h2 class="row"><Drawn icon=Icon::History />{tr!("instance-steps")}</h2>
                {instance
                    .view(
                        3,
                        || t!("instance-failed"),
                        move || move || instance.get().map(|instance| view! { <Steps steps=instance.steps /> }),
                    )}
            </section>
        </aside>
    }
    .into_any()
}

/// The customer in a few lines.
#[component]
fn WhoIs(id: String) -> impl IntoView {
    const SHOWN: usize = 8;
    let address = path::fill(path::CUSTOMER, &[&id]);
    let customer = Loaded::new(move || {
        let address = address.clone();
        async move {
            let (customer, _) =
                futures::join!(transport::get::<Customer>(&address, &[]), types::load());
            customer
        }
    });
    view! {
        <section class="aside-part">
            <h2 class="row"><Drawn icon=Icon::User />{tr!("attend-customer")}</h2>
            {customer
                .view(
                    4,
                    || t!("customer-failed"),
                    move || {
                        move || {
                            let known = customer.get()?;
                            let schema = types::find(&known.customer_type);
                            let facts: Vec<(String, String)> = schema
                                .iter()
                                .flat_map(|schema| &schema.fields)
                                .filter_map(|spec| {
                                    let text = shown(spec, known.fields.get(&spec.key)?);
                                    (!text.is_empty()).then(|| (types::label(spec), text))
                                })
                                .take(SHOWN)
                                .collect();
                            Some(
                                view! {
                                    <p class="strong">
                                        <A href=format!("/customers/{}", known.id)>{known.name}</A>
                                    </p>
                                    <dl class="detail">
                                        {facts
                                            .into_iter()
                                            .map(|(label, value)| {
                                                view! {
                                                    <dt>{label}</dt>
                                                    <dd>{value}</dd>
                                                }
                                            })
                                            .collect_view()}
                                    </dl>
                                },
                            )
                        }
                    },
                )}
        </section>
    }
}
