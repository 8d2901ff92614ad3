use api::customers::{ChangeCustomer, Customer, Keeper};
use leptos::prelude::*;

use super::facts::save_change;
use crate::{
    kit::{Avatar, Button, Choice, Combobox, Drawn, Field, Icon, Look, Tone, toast_with},
    loaded::Loaded,
    t, tr, transport,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Owner,
    Unit,
}

impl What {
    const fn text(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Unit => "unit",
        }
    }

    fn label(self) -> String {
        match self {
            Self::Owner => t!("customer-owner"),
            Self::Unit => t!("customer-unit"),
        }
    }

    fn nobody(self) -> String {
        match self {
            Self::Owner => t!("customer-nobody"),
            Self::Unit => t!("customer-no-unit"),
        }
    }

    fn of(self, customer: &Customer) -> Option<Keeper> {
        match self {
            Self::Owner => customer.owner.clone(),
            Self::Unit => customer.unit.clone(),
        }
    }

    /// `id` is empty for nobody.
    fn change(self, version: i64, id: &str) -> ChangeCustomer {
        let mut change = ChangeCustomer {
            version,
            ..ChangeCustomer::default()
        };
        match self {
            Self::Owner => change.owner = Some(id.parse().ok()),
            Self::Unit => change.unit = Some(id.parse().ok()),
        }
        change
    }
}

/// Who looks after the customer, and to which unit it belongs: by these, permissions tell own customers from others, and
/// work finds its person. Ids for tests: `kept-owner`, `kept-unit`, `kept-choice`.
#[component]
pub fn Keepers(customer: Loaded<Customer>) -> impl IntoView {
    let editing = RwSignal::new(None::<What>);
    let seen = Memo::new(move |_| customer.get().map(|known| known.kept).unwrap_or_default());
    view! {
        <dl class="facts facts-kept">
            {move || {
                let seen = seen.get();
                [What::Owner, What::Unit]
                    .into_iter()
                    .filter(|what| seen.iter().any(|name| name == what.text()))
                    .map(|what| view! { <Kept customer=customer what=what editing=editing /> })
                    .collect_view()
            }}
        </dl>
    }
}

#[component]
fn Kept(customer: Loaded<Customer>, what: What, editing: RwSignal<Option<What>>) -> impl IntoView {
    let keeper = Memo::new(move |_| customer.get().and_then(|known| what.of(&known)));
    let changeable = Memo::new(move |_| {
        let known = customer.get();
        known.is_some_and(|known| known.assignable.iter().any(|name| name == what.text()))
    });
    let begin = move || {
        if changeable.get_untracked() {
            editing.set(Some(what));
        }
    };
    let is_edited = Memo::new(move |_| editing.get() == Some(what));
    view! {
        <div class="fact" class:fact-editing=is_edited>
            <dt class="fact-label">{move || what.label()}</dt>
            <dd>
                <Show
                    when=move || is_edited.get()
                    fallback=move || {
                        view! {
                            <button
                                type="button"
                                id=format!("kept-{}", what.text())
                                class="fact-value"
                                disabled=move || !changeable.get()
                                title=move || if changeable.get() { t!("customer-keeper-edit") } else { t!("customer-fact-fixed") }
                                on:click=move |_| begin()
                            >
                                {move || match keeper.get() {
                                    None => view! { <span class="weak">{move || what.nobody()}</span> }.into_any(),
                                    Some(keeper) if what == What::Owner => {
                                        view! {
                                            <Avatar name=keeper.name.clone() />
                                            <span>{keeper.name.clone()}</span>
                                        }
                                            .into_any()
                                    }
                                    Some(keeper) => view! { <span>{keeper.name}</span> }.into_any(),
                                }}
                                <Show when=move || changeable.get()>
                                    <Drawn icon=Icon::ChevronDown class="icon-small weak" />
                                </Show>
                            </button>
                        }
                    }
                >
                    <Choosing customer=customer what=what editing=editing />
                </Show>
            </dd>
        </div>
    }
}

/// Somebody to choose: the name, told apart by the hint.
pub fn choice(keeper: Keeper) -> Choice {
    Choice::new(keeper.id, keeper.name).with_hint(keeper.hint)
}

/// One of those to whom it could be given, found by typing; chosen is saved.
#[component]
fn Choosing(
    customer: Loaded<Customer>,
    what: What,
    editing: RwSignal<Option<What>>,
) -> impl IntoView {
    let now = customer.get_untracked().and_then(|known| what.of(&known));
    let value = RwSignal::new(now.clone().map(|keeper| keeper.id).unwrap_or_default());
    let options = RwSignal::new(now.into_iter().map(choice).collect::<Vec<_>>());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let look = move |text: String| {
        let Some(known) = customer.get_untracked() else {
            return;
        };
        let path = api::path::fill(api::path::CUSTOMER_KEEPERS, &[&known.id.to_string()]);
        let query = [("what", what.text().to_owned()), ("q", text.clone())];
        leptos::task::spawn_local(async move {
            let found: Result<Vec<Keeper>, _> = transport::get(&path, &query).await;
            match found {
                Ok(found) => {
                    let nobody = text
                        .trim()
                        .is_empty()
                        .then(|| Choice::new("", what.nobody()));
                    options.try_set(
                        nobody
                            .into_iter()
                            .chain(found.into_iter().map(choice))
                            .collect(),
                    );
                }
                Err(wrong) => {
                    problem.try_set(Some(wrong.sentence));
                }
            }
        });
    };
    look(String::new());
    let save = move || {
        let Some(known) = customer.get_untracked() else {
            return;
        };
        let chosen = value.get_untracked();
        if what.of(&known).map(|keeper| keeper.id).unwrap_or_default() == chosen {
            editing.set(None);
            return;
        }
        let change = what.change(known.version, &chosen);
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = save_change(customer, known.id, &change).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    editing.try_set(None);
                }
                Err(wrong) if wrong.code == "stale" => {
                    problem.try_set(Some(wrong.sentence));
                }
                Err(wrong) => {
                    let own = wrong.fields.get(what.text()).cloned();
                    if own.is_none() {
                        toast_with(wrong.sentence.clone(), Tone::Danger, None);
                    }
                    problem.try_set(Some(own.unwrap_or(wrong.sentence)));
                }
            }
        });
    };
    view! {
        <div
            class="fact-editor"
            on:keydown=move |event| {
                if event.key() == "Escape" && !event.default_prevented() {
                    event.prevent_default();
                    event.stop_propagation();
                    editing.set(None);
                }
            }
        >
            <Field label=Signal::derive(move || what.label()) error=problem>
                <Combobox id="kept-choice" value=value options=options on_search=move |text: String| look(text) on_commit=save />
            </Field>
            <div class="row">
                <Button label=tr!("kit-save") look=Look::Primary busy=busy on_press=save />
                <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=move || editing.set(None) />
            </div>
        </div>
    }
}
