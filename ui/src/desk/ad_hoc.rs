use api::{
    path,
    work::{AdHocActivity, BeginActivity},
};
use leptos::prelude::*;

use crate::{
    kit::{Button, Icon, Look, Tone, toast, toast_with},
    problem::Problem,
    t, transport,
};

/// What can be begun by hand in a running ad-hoc sub-process. The page follows the instance, and shows what began. Ids for
/// tests: `begin-ELEMENT`.
#[component]
pub fn AdHoc(instance: StoredValue<String>, startable: Vec<AdHocActivity>) -> impl IntoView {
    if startable.is_empty() {
        return ().into_any();
    }
    let busy = RwSignal::new(None::<String>);
    let begin = move |one: AdHocActivity| {
        if busy.with_untracked(Option::is_some) {
            return;
        }
        busy.set(Some(one.element.clone()));
        let address = path::fill(path::INSTANCE_ACTIVITIES, &[&instance.get_value()]);
        let request = BeginActivity {
            activity: one.activity,
            element: one.element,
        };
        leptos::task::spawn_local(async move {
            let answer: Result<Option<()>, Problem> = transport::post(&address, &request).await;
            busy.try_set(None);
            match answer {
                Ok(_) => toast(t!("instance-begun", name = one.name)),
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
        });
    };
    let buttons = startable
        .into_iter()
        .map(|one| {
            let own = one.element.clone();
            let label = one.name.clone();
            let working = Signal::derive(move || busy.with(|busy| busy.as_ref() == Some(&own)));
            view! {
                <Button
                    id=format!("begin-{}", one.element)
                    label=move || label.clone()
                    icon=Icon::Plus
                    look=Look::Plain
                    busy=working
                    on_press=move || begin(one.clone())
                />
            }
        })
        .collect_view();
    view! {
        <section class="stack">
            <h2>{t!("instance-startable")}</h2>
            <p class="small weak">{t!("instance-startable-text")}</p>
            <div class="chips">{buttons}</div>
        </section>
    }
    .into_any()
}
