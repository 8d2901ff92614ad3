//! Beside the selected element: what can be done with it, what is wrong with it, and its name while it is written.

use flow::lint::{Finding, MendKind, Rule, Severity};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    Work, duration,
    hand::{Gesture, Hand},
    kinds::{ANNOTATION, END, EXCLUSIVE, Kind, TIMER, USER_TASK},
    palette::{Choosing, Sample},
    shape,
    stage::is_frame,
};
use crate::{
    kit::{Button, Drawn, Icon, IconButton, Look, take_focus, tooltip},
    prefs::preferences,
    t, tr,
};

/// The buttons at the right of the one selected element. Ids for tests: `pad-append-TAG`, `pad-connect`, `pad-remove`.
#[component]
pub fn Pad(work: Work, hand: Hand) -> impl IntoView {
    let subject = Memo::new(move |_| {
        work.stage.turn.track();
        let alone = work.also.with(Vec::is_empty);
        work.chosen.get().filter(|_| {
            alone && work.naming.with(Option::is_none) && work.aim.with(Option::is_none)
        })
    });
    let quiet = Memo::new(move |_| hand.busy());
    let at = move || {
        let id = subject.get()?;
        let view = work.sight.get();
        if let Some(b) = work.stage.bounds_now(&id) {
            // A pool is as wide as the canvas: its buttons stay in sight.
            let shape = work.stage.shape(&id)?;
            let x = if is_frame(&shape) { b.x } else { b.right() };
            let (x, y) = view.outside(flow::model::Point { x, y: b.y });
            return Some(if is_frame(&shape) {
                (x, y - 40.0)
            } else {
                (x + 14.0, y)
            });
        }
        let points = work.stage.points_now(&id)?;
        let longest = points.windows(2).max_by(|a, b| {
            let far =
                |part: &[flow::model::Point]| (part[0].x - part[1].x).hypot(part[0].y - part[1].y);
            far(a).total_cmp(&far(b))
        })?;
        let (x, y) = view.outside(flow::model::Point {
            x: f64::midpoint(longest[0].x, longest[1].x),
            y: f64::midpoint(longest[0].y, longest[1].y),
        });
        Some((x + 12.0, y + 12.0))
    };
    let place = move |part: fn((f64, f64)) -> f64| {
        at().map(|at| format!("{}px", part(at).max(4.0)))
            .unwrap_or_default()
    };
    view! {
        <Show when=move || subject.get().is_some() && !quiet.get()>
            <div
                class="canvas-pad"
                role="toolbar"
                aria-label=tr!("canvas-pad")
                style:left=move || place(|at| at.0)
                style:top=move || place(|at| at.1)
                on:pointerdown=|event| event.stop_propagation()
                on:dblclick=|event| event.stop_propagation()
            >
                {move || subject.get().map(|id| buttons(work, hand, &id))}
                {move || subject.get().map(|id| view! { <Faults work=work id=id /> })}
            </div>
        </Show>
    }
}

fn buttons(work: Work, hand: Hand, id: &str) -> AnyView {
    let remove = move || {
        work.remove_selected();
        hand.focus();
    };
    let own = StoredValue::new(id.to_owned());
    let name = move || work.naming.set(Some(own.get_value()));
    let Some(shape) = work.stage.shape(id) else {
        return view! {
            <IconButton small=true icon=Icon::Pencil label=tr!("canvas-rename") key="F2" on_press=name />
            <IconButton small=true icon=Icon::Refresh label=tr!("canvas-straighten") key="R" on_press=move || own.with_value(|id| work.straighten(id)) />
            <IconButton small=true icon=Icon::Trash label=tr!("canvas-remove") key=t!("canvas-key-delete") on_press=remove id="pad-remove" />
        }
        .into_any();
    };
    let leads_on = work.leads_on(id);
    let append = |kind: Kind| {
        let press = move || {
            let from = own.get_value();
            if let Some(id) = work.add(kind, None, Some(&from))
                && kind.wants_name()
            {
                work.naming.set(Some(id));
            } else {
                hand.focus();
            }
        };
        view! { <Append kind=kind on_press=press /> }
    };
    let changes = super::palette::same_family(work, id).len() > 1;
    view! {
        {leads_on.then(|| view! {
            {append(USER_TASK)}
            {append(EXCLUSIVE)}
            {append(TIMER)}
            {append(END)}
            <IconButton small=true icon=Icon::Plus label=tr!("canvas-append") key="A" id="pad-append" on_press=move || work.choosing.set(Some(Choosing::Append)) />
        })}
        {(!is_frame(&shape) || shape.kind == flow::scene::ShapeKind::Pool).then(|| view! {
            <IconButton
                small=true
                icon=Icon::ArrowUpRight
                label=tr!("canvas-connect")
                key="C"
                id="pad-connect"
                on_press=move || {
                    let source = own.get_value();
                    let at = work.stage.shape(&source).map(|shape| shape.bounds.centre()).unwrap_or_default();
                    hand.gesture.set(Gesture::Line { source, at, target: None });
                }
            />
        })}
        {changes.then(|| view! {
            <IconButton small=true icon=Icon::Transfer label=tr!("canvas-change") key="T" id="pad-change" on_press=move || work.choosing.set(Some(Choosing::Change)) />
        })}
        {(!is_frame(&shape)).then(|| append(ANNOTATION))}
        <IconButton small=true icon=Icon::Pencil label=tr!("canvas-rename") key="F2" on_press=name />
        <IconButton small=true icon=Icon::Trash label=tr!("canvas-remove") key=t!("canvas-key-delete") on_press=remove id="pad-remove" />
    }
    .into_any()
}

#[component]
fn Append(kind: Kind, #[prop(into)] on_press: Callback<()>) -> impl IntoView {
    let node = NodeRef::<html::Button>::new();
    let label = Signal::derive(move || t!("canvas-append-kind", kind = kind.name()));
    tooltip(node, label, None);
    view! {
        <button
            node_ref=node
            type="button"
            class="icon-button icon-button-small"
            id=format!("pad-append-{}", kind.tag)
            aria-label=label
            on:click=move |_| on_press.run(())
        >
            <Sample kind=kind size=18.0 />
        </button>
    }
}

/// What is wrong with an element, each with its mend.
#[component]
pub fn Faults(work: Work, id: String) -> impl IntoView {
    let own = StoredValue::new(id);
    let found = Memo::new(move |_| {
        own.with_value(|id| {
            work.findings.with(|findings| {
                findings
                    .iter()
                    .filter(|finding| *finding.element == **id)
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    view! {
        <Show when=move || work.explained.get() && !found.with(Vec::is_empty)>
            <div class="canvas-faults" role="status">
                {move || found.get().into_iter().map(|finding| view! { <FindingLine work=work finding=finding /> }).collect_view()}
            </div>
        </Show>
    }
}

/// One doubtful place with its mend.
#[component]
pub fn FindingLine(work: Work, finding: Finding) -> impl IntoView {
    let shown = StoredValue::new(finding.clone());
    let said = Memo::new(move |_| shown.with_value(|finding| named(work, finding)));
    let hard = finding.severity == Severity::Error;
    let mend = finding.mend.clone();
    view! {
        <div class="canvas-finding">
            <Drawn icon=if hard { Icon::CircleAlert } else { Icon::Info } class=if hard { "tone-danger" } else { "tone-warning" } />
            <span class="grow">{move || said.with(|finding| finding.sentence(preferences().language()))}</span>
            {mend.map(|mend| {
                let commands = mend.commands.clone();
                view! {
                    <Button
                        label=Signal::derive(move || {
                            said.with(|finding| finding.mend.as_ref().map(|mend| mend.sentence(preferences().language()))).unwrap_or_default()
                        })
                        icon=Icon::Check
                        look=Look::Quiet
                        on_press=move || { work.apply("mend", commands.clone()); }
                    />
                }
            })}
        </div>
    }
}

/// The finding with groups and times as people call them.
fn named(work: Work, finding: &Finding) -> Finding {
    let mut named = finding.clone();
    let group = |key: Option<&mut String>| {
        if let Some(key) = key {
            *key = work.known.group_name(key);
        }
    };
    if named.rule == Rule::PermissionHole {
        group(named.args.get_mut(1));
    }
    if let Some(mend) = &mut named.mend {
        match mend.what {
            MendKind::Grant => group(mend.args.first_mut()),
            MendKind::UseLane | MendKind::GiveTo => group(mend.args.get_mut(1)),
            MendKind::AddEscalation => {
                group(mend.args.get_mut(1));
                if let Some(time) = mend.args.get_mut(2) {
                    *time = duration::said(time);
                }
            }
            _ => {}
        }
    }
    named
}

/// The name of an element while it is written: Enter keeps it, Escape does not.
#[component]
pub fn Naming(work: Work, hand: Hand) -> impl IntoView {
    let field = NodeRef::<html::Textarea>::new();
    let done = move |keep: bool| {
        let Some(id) = work.naming.try_get_untracked().flatten() else {
            return;
        };
        let text = field
            .try_get_untracked()
            .flatten()
            .map(|field| field.value());
        work.naming.set(None);
        if let Some(text) = text.filter(|_| keep) {
            work.rename(&id, text.trim().to_owned());
        }
    };
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            take_focus(&field);
            field.select();
        }
    });
    move || {
        let id = work.naming.get()?;
        let place = shape::naming_place(&work.stage, &id)?;
        let name = work.name_of(&id);
        let view = work.sight.get_untracked();
        let (x, y) = view.outside(flow::model::Point {
            x: place.x,
            y: place.y,
        });
        let (width, height) = (
            (place.width * view.scale).max(140.0),
            (place.height * view.scale).max(44.0),
        );
        let x = x + (place.width * view.scale - width) / 2.0;
        Some(view! {
            <textarea
                node_ref=field
                id="canvas-naming"
                class="canvas-naming"
                aria-label=tr!("designer-name")
                style:left=format!("{}px", x.max(0.0))
                style:top=format!("{}px", y.max(0.0))
                style:width=format!("{width}px")
                style:height=format!("{height}px")
                prop:value=name
                on:pointerdown=|event| event.stop_propagation()
                on:dblclick=|event| event.stop_propagation()
                on:keydown=move |event| {
                    event.stop_propagation();
                    match event.key().as_str() {
                        "Enter" if !event.shift_key() && !event.is_composing() => {
                            event.prevent_default();
                            done(true);
                            hand.focus();
                        }
                        "Escape" => {
                            event.prevent_default();
                            done(false);
                            hand.focus();
                        }
                        "Tab" => {
                            event.prevent_default();
                            done(true);
                            hand.focus();
                        }
                        _ => {}
                    }
                }
                on:blur=move |_| done(true)
            ></textarea>
        })
    }
}

/// The first control of the properties.
pub fn to_properties() {
    let panel = document().get_element_by_id("process-panel");
    let first = panel.and_then(|panel| {
        panel
            .query_selector("input, select, textarea, button")
            .ok()
            .flatten()
    });
    if let Some(first) = first {
        let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
