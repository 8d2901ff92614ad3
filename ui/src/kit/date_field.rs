use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Floating, Icon, IconButton, Side, calendar::Calendar, field::field_context};
use crate::{day::Day, format, t, tr};

/// A day. It is typed in the region's order (`3/11`, `31126`), nudged with the up and down arrows, or picked from a
/// calendar (Alt+↓). `value` holds `2026-11-21`, or nothing.
///
/// What cannot be read stays in the field, and `unreadable` turns true, so that the form can say so.
#[component]
pub fn DateField(
    value: RwSignal<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] label: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] read_only: Signal<bool>,
    #[prop(optional)] unreadable: Option<RwSignal<bool>>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(id);
    let typed = RwSignal::new(None::<String>);
    let open = RwSignal::new(false);
    let box_node = NodeRef::<html::Div>::new();
    let input = NodeRef::<html::Input>::new();
    let chosen = Signal::derive(move || value.with(|value| Day::parse(value)));
    let text = move || {
        typed
            .get()
            .unwrap_or_else(|| chosen.get().map(format::day).unwrap_or_default())
    };
    let set = move |day: Option<Day>| {
        typed.set(None);
        if let Some(unreadable) = unreadable {
            unreadable.set(false);
        }
        value.set(day.map(|day| day.to_string()).unwrap_or_default());
        if let Some(commit) = on_commit {
            commit.try_run(());
        }
    };
    let read = move || {
        let Some(words) = typed.try_get_untracked().flatten() else {
            return;
        };
        if words.trim().is_empty() {
            set(None);
        } else if let Some(day) = Day::typed(&words, format::date_order(), format::today()) {
            set(Some(day));
        } else if let Some(unreadable) = unreadable {
            unreadable.set(true);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let fixed = read_only.get_untracked() || disabled.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if event.alt_key() && !fixed => {
                event.prevent_default();
                open.set(true);
            }
            step @ ("ArrowDown" | "ArrowUp") if !fixed => {
                event.prevent_default();
                read();
                let step = if step == "ArrowUp" { 1 } else { -1 };
                set(Some(
                    chosen
                        .get_untracked()
                        .map_or_else(format::today, |day| day.plus(step)),
                ));
            }
            "Enter" => read(),
            _ => {}
        }
    };
    view! {
        <div class="input" node_ref=box_node>
            <input
                node_ref=input
                id=field.id
                inputmode="numeric"
                autocomplete="off"
                class="figures"
                placeholder=move || t!("kit-date-form", example = format::day(Day(20_778)))
                aria-label=move || label.map(|label| label.get())
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-required=move || field.required.get().then_some("true")
                disabled=disabled
                readonly=read_only
                prop:value=text
                on:input=move |event| typed.set(Some(event_target_value(&event)))
                on:blur=move |_| read()
                on:keydown=keys
            />
            <IconButton
                small=true
                icon=Icon::Calendar
                label=tr!("kit-open-calendar")
                key="Alt+↓"
                disabled=Signal::derive(move || disabled.get() || read_only.get())
                expanded=Signal::from(open)
                on_press=move || open.update(|open| *open = !*open)
            />
        </div>
        <Floating
            open=open
            side=Side::BelowEnd
            anchor=move || box_node.get_untracked().map(JsCast::unchecked_into)
        >
            <Calendar
                chosen=chosen
                on_choose=move |day| {
                    set(Some(day));
                    open.set(false);
                    if let Some(input) = input.get_untracked() {
                        let _ = input.focus();
                    }
                }
            />
        </Floating>
    }
}
