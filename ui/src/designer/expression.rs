//! Where an expression is written: what is wrong is underlined and said, what may stand at the cursor is offered.

use std::ops::Range;

use form::{FieldKind, Form, form::Source};
use leptos::{html, prelude::*};
use rules::{
    Code, Diagnostic, Schema, Type,
    types::{CompletionKind, check, complete},
};
use wasm_bindgen::JsCast;

use crate::{
    kit::{Floating, field_context, fresh_id},
    prefs::preferences,
};

/// What an expression may speak of. `closed`: of nothing else; where a caller or a message may bring more, a name that is
/// not known is doubted only if one is that it was probably meant to be.
#[derive(Clone, Default)]
pub struct Scope {
    pub schema: Schema,
    pub closed: bool,
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    pub span: Range<usize>,
    pub sentence: String,
}

/// The person's language, for sentences of the rules.
pub fn language() -> rules::Language {
    match preferences().language() {
        kernel::Language::Es => rules::Language::Es,
        kernel::Language::En => rules::Language::En,
    }
}

/// The first thing that is wrong. `condition`: it must be true or false.
pub fn wrong(
    text: &str,
    scope: &Scope,
    condition: bool,
    language: rules::Language,
) -> Option<Wrong> {
    if text.trim().is_empty() {
        return None;
    }
    let found = check(text, &scope.schema);
    let doubtful = |problem: &&Diagnostic| match problem.code {
        Code::UnknownName | Code::UnknownFunction => {
            scope.closed || problem.args.get(1).is_some_and(|near| !near.is_empty())
        }
        Code::UnknownMember => {
            scope.closed || problem.args.get(2).is_some_and(|near| !near.is_empty())
        }
        _ => true,
    };
    if let Some(problem) = found.problems.iter().find(doubtful) {
        return Some(Wrong {
            span: problem.span.clone(),
            sentence: problem.sentence(language),
        });
    }
    let fits = matches!(found.of, Type::Any | Type::Null | Type::Boolean);
    (condition && !fits).then(|| {
        let all = 0..text.len();
        let problem = Diagnostic::new(
            text,
            all.clone(),
            Code::NotACondition,
            vec![found.of.to_string()],
            Vec::new(),
        );
        Wrong {
            span: all,
            sentence: problem.sentence(language),
        }
    })
}

/// The fields of a form, as an expression sees them.
pub fn add_fields(schema: &mut Schema, form: &Form) {
    for item in form.sections.iter().flat_map(|section| &section.items) {
        if let Source::Field(field) = &item.source {
            schema.add(field.key.as_str(), type_of(&field.kind));
        }
    }
}

pub fn type_of(kind: &FieldKind) -> Type {
    match kind {
        FieldKind::Number { .. } | FieldKind::Amount { .. } => Type::Number,
        FieldKind::Date => Type::Date,
        FieldKind::Moment => Type::DateTime,
        FieldKind::Boolean => Type::Boolean,
        FieldKind::Text
        | FieldKind::LongText
        | FieldKind::Choice { .. }
        | FieldKind::Email
        | FieldKind::Phone { .. }
        | FieldKind::Document { .. } => Type::String,
    }
}

#[derive(Clone, PartialEq)]
struct Offer {
    text: String,
    detail: String,
    replaces: Range<usize>,
    function: bool,
}

/// Never more than one reads; typing narrows it.
const MOST: usize = 12;

/// One line of FEEL. Ctrl+Space, or typing, offers what may stand at the cursor; arrows choose, Enter or Tab takes it.
#[component]
pub fn ExpressionInput(
    value: RwSignal<String>,
    #[prop(into)] scope: Signal<Scope>,
    #[prop(into)] found: Signal<Option<Wrong>>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let field = field_context(id);
    let list = fresh_id("offers");
    let open = RwSignal::new(false);
    let active = RwSignal::new(0_usize);
    let offers = RwSignal::new(Vec::<Offer>::new());
    let shift = RwSignal::new(0);
    let input = NodeRef::<html::Input>::new();
    let around = NodeRef::<html::Div>::new();

    let offer = move |asked: bool| {
        let Some(node) = input.get_untracked() else {
            return;
        };
        let text = node.value();
        let cursor = bytes(&text, node.selection_start().ok().flatten().unwrap_or(0));
        let begun = text[..cursor]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let found: Vec<Offer> = if asked || begun {
            complete(&text, cursor, &scope.get_untracked().schema)
                .into_iter()
                .take(MOST)
                .map(|one| Offer {
                    text: one.text,
                    detail: one.detail,
                    replaces: one.replaces,
                    function: one.kind == CompletionKind::Function,
                })
                .collect()
        } else {
            Vec::new()
        };
        // A word that is whole needs no offer of itself.
        let whole = found.len() == 1
            && found
                .first()
                .is_some_and(|one| text.get(one.replaces.clone()) == Some(one.text.as_str()));
        open.set(!found.is_empty() && !whole);
        active.set(0);
        offers.set(found);
    };
    let take = move |one: &Offer| {
        let Some(node) = input.get_untracked() else {
            return;
        };
        let mut text = node.value();
        let mut put = one.text.clone();
        if one.function && !put.ends_with('(') {
            put.push('(');
        }
        if text.get(one.replaces.clone()).is_none() {
            return;
        }
        text.replace_range(one.replaces.clone(), &put);
        let cursor = units(&text[..one.replaces.start + put.len()]);
        node.set_value(&text);
        let _ = node.focus();
        let _ = node.set_selection_range(cursor, cursor);
        value.set(text);
        open.set(false);
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let key = event.key();
        if event.ctrl_key() && key == " " {
            event.prevent_default();
            offer(true);
            return;
        }
        if !open.get_untracked() {
            return;
        }
        let count = offers.with_untracked(Vec::len).max(1);
        match key.as_str() {
            "ArrowDown" => active.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => active.update(|at| *at = (*at + count - 1) % count),
            "Enter" | "Tab" => {
                let one = offers.with_untracked(|all| all.get(active.get_untracked()).cloned());
                if let Some(one) = one {
                    take(&one);
                }
            }
            "Escape" => open.set(false),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let under = move || {
        let text = value.get();
        let marked = found.get().map(|wrong| wrong.span);
        let (start, end) = marked.map_or((0, 0), |span| {
            // At the end of the text something is missing: the last letter shows where.
            let end = span.end.min(text.len());
            let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
            (span.start.min(last), end.max(span.start.min(last)))
        });
        let parts = [text.get(..start), text.get(start..end), text.get(end..)];
        let [before, marked, after] = parts.map(|part| part.unwrap_or_default().to_owned());
        view! { <span>{before}</span><span class="expression-wrong">{marked}</span><span>{after}</span> }
    };
    let active_id = {
        let list = list.clone();
        move || open.get().then(|| format!("{list}-{}", active.get()))
    };
    let controls = list.clone();
    view! {
        <div class="input expression" node_ref=around>
            <div class="expression-under" aria-hidden="true">
                <div style:transform=move || format!("translateX({}px)", -shift.get())>{under}</div>
            </div>
            <input
                node_ref=input
                id=field.id
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-controls=controls
                aria-expanded=move || open.get().to_string()
                aria-activedescendant=active_id
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                prop:value=value
                on:input=move |event| {
                    value.set(event_target_value(&event));
                    offer(false);
                }
                on:scroll=move |_| shift.set(input.get_untracked().map_or(0, |node| node.scroll_left()))
                on:keydown=keys
                on:blur=move |_| open.set(false)
            />
        </div>
        <Floating open=open anchor=move || around.get_untracked().map(JsCast::unchecked_into) as_wide=true>
            {
                let (list, own) = (list.clone(), list.clone());
                view! {
                    // The focus stays in the input: pressing an offer must not take it.
                    <div id=own role="listbox" on:pointerdown=move |event| event.prevent_default()>
                        {move || {
                            let list = list.clone();
                            offers
                                .get()
                                .into_iter()
                                .enumerate()
                                .map(move |(at, one)| {
                                    let (text, detail) = (one.text.clone(), one.detail.clone());
                                    view! {
                                        <div
                                            id=format!("{list}-{at}")
                                            class="option"
                                            class:option-active=move || active.get() == at
                                            role="option"
                                            aria-selected=move || (active.get() == at).to_string()
                                            on:click=move |_| take(&one)
                                        >
                                            <span class="cut mono">{text}</span>
                                            <span class="option-weak">{detail}</span>
                                        </div>
                                    }
                                })
                                .collect_view()
                        }}
                    </div>
                }
            }
        </Floating>
    }
}

/// A place in the browser's units (UTF-16) in bytes.
fn bytes(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left < c.len_utf16() {
            return at;
        }
        left -= c.len_utf16();
    }
    text.len()
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ES: rules::Language = rules::Language::Es;

    fn scope() -> Scope {
        Scope {
            schema: Schema::new()
                .with("monto", Type::Number)
                .with("outcome", Type::String),
            closed: true,
        }
    }

    #[test]
    fn the_wrong_word_is_the_one_underlined() {
        let text = "año.x = 1 or mnto > 10";
        let found = wrong("mnto > 10", &scope(), true, ES).expect("a name that nobody has");
        assert_eq!(found.span, 0..4);
        let open = Scope {
            closed: false,
            ..scope()
        };
        assert_eq!(wrong("otra > 10", &open, true, ES), None);
        assert!(wrong("mnto > 10", &open, true, ES).is_some(), "{text}");
    }

    #[test]
    fn a_condition_is_true_or_false() {
        assert!(wrong("monto + 1", &scope(), true, ES).is_some());
        assert_eq!(wrong("monto + 1", &scope(), false, ES), None);
        assert_eq!(
            wrong("monto > 1 and outcome = \"sí\"", &scope(), true, ES),
            None
        );
    }

    #[test]
    fn the_browsers_units_are_found_in_bytes() {
        let text = "á𝄞b";
        assert_eq!(bytes(text, 0), 0);
        assert_eq!(bytes(text, 1), 2);
        assert_eq!(bytes(text, 3), 6);
        assert_eq!(bytes(text, 9), text.len());
        assert_eq!(units(text), 4);
    }
}
