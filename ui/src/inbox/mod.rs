//! The inbox: what waits for this person and their groups (W-03 to W-06), kept live. The list at the left, what is under
//! the cursor beside it; Enter opens it to be worked on.

mod item;
mod list;

use api::{
    path,
    work::{InboxQuery, WorkItemLine},
};
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    frame::notifications,
    kit::{Choice, EmptyState, Icon, Segments, SplitPane, debounced, shortcut},
    problem::Problem,
    remember::remembered,
    t, tr,
    transport::{self, live},
};

use item::Preview;
use list::List;

/// How many the list holds at once; more are fetched when the end comes into sight.
const PAGE: u32 = 100;

/// The lines of the inbox and how to get more of them.
#[derive(Clone, Copy)]
struct Lines {
    all: RwSignal<Option<Vec<WorkItemLine>>>,
    next: RwSignal<Option<String>>,
    total: RwSignal<Option<u64>>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    turn: StoredValue<u64>,
}

impl Lines {
    fn read(self, query: InboxQuery, more: bool) {
        if more && (self.busy.get_untracked() || self.next.with_untracked(Option::is_none)) {
            return;
        }
        self.busy.set(true);
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        let mut query = query;
        query.limit = Some(PAGE);
        query.cursor = if more {
            self.next.get_untracked()
        } else {
            None
        };
        leptos::task::spawn_local(async move {
            let query = transport::query_of(&query);
            let query: Vec<(&str, String)> = query
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))
                .collect();
            let page: Result<Paged<WorkItemLine>, Problem> =
                transport::get(path::WORK_ITEMS, &query).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            match page {
                Ok(page) => {
                    self.all.update(|all| match all {
                        Some(known) if more => known.extend(page.items),
                        _ => *all = Some(page.items),
                    });
                    self.next.set(page.next);
                    self.total.set(page.total);
                    self.problem.set(None);
                }
                Err(problem) => self.problem.set(Some(problem)),
            }
        });
    }
}

/// Ids for tests: `inbox-list` (role listbox), each line `item-ID` (role option), `inbox-preview`, `open-item`.
#[component]
pub fn Inbox() -> impl IntoView {
    let lines = Lines {
        all: RwSignal::new(None),
        next: RwSignal::new(None),
        total: RwSignal::new(None),
        problem: RwSignal::new(None),
        busy: RwSignal::new(false),
        turn: StoredValue::new(0),
    };
    let view = remembered("engage.inbox.view", "all".to_owned());
    let order = remembered("engage.inbox.order", "due".to_owned());
    let cursor = RwSignal::new(None::<String>);
    let query = Memo::new(move |_| InboxQuery {
        scope: Some(view.get()),
        // What is done is looked at from the newest back.
        descending: view.with(|view| view == "closed"),
        order: Some(if view.with(|view| view == "closed") {
            "closed".to_owned()
        } else {
            order.get()
        }),
        ..InboxQuery::default()
    });
    Effect::new(move |_| lines.read(query.get(), false));
    // Many events come at once when a batch moves: one reading serves them all.
    let again = debounced(120, move |()| lines.read(query.get_untracked(), false));
    live::follow(&["inbox", "user"], move |_: api::events::LiveEvent| {
        again(());
    });
    notifications::seen();

    let chosen = Memo::new(move |_| {
        lines.all.with(|all| {
            let all = all.as_ref()?;
            let wanted = cursor.get();
            all.iter()
                .find(|line| wanted.as_ref() == Some(&line.id.to_string()))
                .or_else(|| all.first())
                .cloned()
        })
    });
    let navigate = StoredValue::new(use_navigate());
    let open = move || {
        if let Some(line) = chosen.get_untracked() {
            navigate.with_value(|navigate| {
                navigate(&format!("/work-items/{}", line.id), Default::default());
            });
        }
    };
    let step = move |by: isize| {
        let at = lines.all.with_untracked(|all| {
            let all = all.as_ref()?;
            let now = chosen.get_untracked().map(|line| line.id);
            let at = all
                .iter()
                .position(|line| Some(line.id) == now)
                .unwrap_or(0);
            all.get(
                at.saturating_add_signed(by)
                    .min(all.len().saturating_sub(1)),
            )
            .map(|line| line.id.to_string())
        });
        if at.is_some() {
            cursor.set(at);
        }
    };
    shortcut("Enter", Signal::derive(|| t!("inbox-open")), open);
    shortcut("K", Signal::derive(|| t!("inbox-up")), move || step(-1));
    shortcut("J", Signal::derive(|| t!("inbox-down")), move || step(1));
    shortcut("R", Signal::derive(|| t!("inbox-refresh")), move || {
        lines.read(query.get_untracked(), false);
    });
    let customer = move || {
        let customer = chosen.get_untracked().and_then(|line| line.customer);
        if let Some(customer) = customer {
            navigate.with_value(|navigate| {
                navigate(&format!("/customers/{customer}"), Default::default());
            });
        }
    };
    shortcut("C", Signal::derive(|| t!("inbox-customer")), customer);

    let side = ViewFn::from(move || {
        view! {
            <section class="inbox-pane" aria-label=tr!("place-inbox")>
                <header class="pane-head">
                    <Segments
                        label=tr!("inbox-view")
                        value=view
                        options=Signal::derive(|| {
                            vec![
                                Choice::new("all", t!("inbox-all")),
                                Choice::new("mine", t!("inbox-mine")),
                                Choice::new("groups", t!("inbox-groups")),
                                Choice::new("closed", t!("inbox-closed")),
                            ]
                        })
                        on_change=move |to: String| view.set(to)
                    />
                    <span class="grow"></span>
                    <Order order=order />
                </header>
                <List
                    lines=lines.all
                    problem=lines.problem
                    chosen=chosen
                    on_choose=move |id: String| cursor.set(Some(id))
                    on_open=open
                    on_end=move || lines.read(query.get_untracked(), true)
                    on_retry=move || lines.read(query.get_untracked(), false)
                    on_step=step
                />
                <footer class="grid-foot figures">
                    {move || {
                        let shown = lines.all.with(|all| all.as_ref().map_or(0, Vec::len));
                        let total = lines.total.get().or_else(|| u64::try_from(shown).ok()).unwrap_or(0);
                        t!("inbox-count", count = total, shown = crate::format::count(total))
                    }}
                </footer>
            </section>
        }
    });
    let main = ViewFn::from(move || {
        view! {
            <section class="inbox-preview" id="inbox-preview" aria-label=tr!("inbox-preview")>
                {move || match chosen.get() {
                    Some(line) => view! { <Preview line=line on_open=open /> }.into_any(),
                    None if lines.all.with(Option::is_none) => ().into_any(),
                    None => {
                        view! {
                            <EmptyState icon=Icon::Inbox title=tr!("inbox-empty") text=Signal::derive(|| t!("inbox-empty-text")) />
                        }
                            .into_any()
                    }
                }}
            </section>
        }
    });
    view! {
        <SplitPane
            name="inbox"
            width=380.0
            least=300.0
            most=560.0
            key=("Alt+L", Signal::derive(|| t!("inbox-list-toggle")))
            label=tr!("inbox-width")
            side=side
            main=main
        />
    }
}

/// In which order: by when it is due, when it came, how urgent.
#[component]
fn Order(order: RwSignal<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let item = move |value: &'static str, name: &'static str| {
        crate::kit::MenuItem::choose(
            Signal::derive(move || t!(name)),
            Signal::derive(move || order.with(|order| order == value)),
            move || order.set(value.to_owned()),
        )
    };
    let items = Signal::stored(vec![
        item("due", "inbox-order-due"),
        item("opened", "inbox-order-opened"),
        item("customer", "inbox-order-customer"),
        item("process", "inbox-order-process"),
    ]);
    view! {
        <crate::kit::Menu open=open items=items label=tr!("inbox-order") side=crate::kit::Side::BelowEnd>
            <crate::kit::IconButton
                icon=Icon::Sort
                label=tr!("inbox-order")
                expanded=Signal::from(open)
                on_press=move || open.update(|open| *open = !*open)
            />
        </crate::kit::Menu>
    }
}
