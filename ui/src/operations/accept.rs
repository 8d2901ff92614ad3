use api::{
    engine::{AcceptIncident, IncidentLine},
    path,
};
use leptos::prelude::*;

use super::pairs::{self, Pairs};
use crate::{
    kit::{Button, Dialog, Field, Look, TextArea, toast},
    problem::Problem,
    settings::parts::{Refusal, at_field},
    t, tr, transport,
};

/// What can have been done outside: the other causes are about the process itself.
pub fn can_be(cause: &str) -> bool {
    cause == "flow.transaction_failed"
}

/// Says that what an incident stopped was done outside, with what it gave. Ids for tests: `accept-reason`, `accept-values`,
/// `accept-send`.
#[component]
pub fn Accept(
    asking: RwSignal<Option<IncidentLine>>,
    #[prop(into)] on_done: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let values = RwSignal::new(Vec::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        let wanted = asking.with(Option::is_some);
        if wanted && !open.get_untracked() {
            reason.set(String::new());
            values.set(Vec::new());
            problem.set(None);
        }
        open.set(wanted);
    });
    let close = move || asking.set(None);
    let send = move || {
        let Some(line) = asking.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let ask = AcceptIncident {
            values: pairs::values(values),
            reason: reason.get_untracked(),
        };
        let address = path::fill(path::INCIDENT_ACCEPT, &[&line.id.to_string()]);
        leptos::task::spawn_local(async move {
            let answer: Result<Option<()>, Problem> = transport::post(&address, &ask).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    asking.try_set(None);
                    toast(t!("operations-accepted"));
                    on_done.try_run(());
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Dialog
            id="accept-dialog"
            open=open
            title=tr!("operations-accept")
            on_close=close
            actions=move || {
                view! {
                    <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=close />
                    <Button id="accept-send" label=tr!("operations-accept-send") look=Look::Primary key="Ctrl+↵" busy=busy on_press=send />
                }
            }
        >
            <div class="stack">
                <p>{tr!("operations-accept-text")}</p>
                <p class="operations-detail mono">{move || asking.with(|line| line.as_ref().map(|line| line.detail.clone()))}</p>
                <Field
                    label=tr!("operations-reason")
                    hint=tr!("operations-accept-hint")
                    error=at_field(problem, "reason")
                    required=true
                >
                    <TextArea id="accept-reason" value=reason rows=2 max_length=2000_u32 on_send=send />
                </Field>
                <div class="stack">
                    <h3>{tr!("operations-accept-values")}</h3>
                    <p class="weak small">{tr!("operations-accept-values-hint")}</p>
                    <Pairs
                        id="accept-values"
                        pairs=values
                        name=tr!("operations-value-name")
                        value=tr!("operations-value")
                        add=tr!("operations-value-add")
                    />
                </div>
                <Refusal problem=problem fields=&["reason"] />
            </div>
        </Dialog>
    }
}
