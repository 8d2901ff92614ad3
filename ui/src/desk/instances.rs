use api::{path, work::InstanceLine};
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::history::instance_state;
use crate::{
    format,
    kit::{Badge, Button, EmptyState, Icon},
    loaded::Loaded,
    moment::ms,
    t, tr,
    transport::{self, live},
};

/// What runs and ran for this customer.
#[component]
pub fn Instances(customer: String, starting: RwSignal<bool>) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::CUSTOMER_INSTANCES, &[&customer]));
    let all = Loaded::new(move || async move {
        let query = [("limit", "500".to_owned())];
        let page: Paged<InstanceLine> = transport::get(&address.get_value(), &query).await?;
        Ok(page.items)
    });
    live::follow(
        &["instance", "customer"],
        move |_: api::events::LiveEvent| all.again(),
    );
    let navigate = StoredValue::new(use_navigate());
    all.view(
        4,
        || t!("instances-failed"),
        move || {
            move || {
                let lines = all.get().unwrap_or_default();
                if lines.is_empty() {
                    return view! {
                        <EmptyState icon=Icon::Workflow title=tr!("instances-none") text=Signal::derive(|| t!("instances-none-text"))>
                            <Button label=tr!("start-button") icon=Icon::Play key="T" on_press=move || starting.set(true) />
                        </EmptyState>
                    }
                    .into_any();
                }
                view! {
                    <table class="table table-open">
                        <thead>
                            <tr>
                                <th>{tr!("instances-process")}</th>
                                <th>{tr!("instances-state")}</th>
                                <th>{tr!("instances-started")}</th>
                                <th>{tr!("instances-ended")}</th>
                                <th>{tr!("instances-by")}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {lines
                                .into_iter()
                                .map(|line| {
                                    let (state, tone) = instance_state(&line.state);
                                    let to = format!("/instances/{}", line.id);
                                    let go = to.clone();
                                    view! {
                                        <tr on:click=move |_| navigate.with_value(|navigate| navigate(&go, Default::default()))>
                                            <td><a class="strong" href=to>{line.process.name}</a></td>
                                            <td>
                                                <Badge label=state tone=tone />
                                                {(line.incidents > 0).then(|| view! { <Badge label=t!("state-incident") tone=crate::kit::Tone::Danger icon=Icon::TriangleAlert /> })}
                                            </td>
                                            <td class="figures">{format::when(ms(line.started))}</td>
                                            <td class="figures">{line.ended.map(|ended| format::when(ms(ended)))}</td>
                                            <td>{line.started_by}</td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                }
                .into_any()
            }
        },
    )
}
