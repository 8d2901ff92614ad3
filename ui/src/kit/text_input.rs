use leptos::{html, prelude::*};

use super::{Drawn, Icon, IconButton, field::field_context, take_focus};
use crate::tr;

/// One line of text. For several take [`TextArea`], for figures [`NumberField`], for days [`DateField`], to choose from a
/// list [`Combobox`].
///
/// [`TextArea`]: super::TextArea
/// [`NumberField`]: super::NumberField
/// [`DateField`]: super::DateField
/// [`Combobox`]: super::Combobox
#[component]
pub fn TextInput(
    value: RwSignal<String>,
    #[prop(optional, into)] id: Option<String>,
    /// The name, where no [`Field`](super::Field) stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(optional, into)] icon: Option<Icon>,
    /// `text`, `password`, `email`, `tel`, `search`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] read_only: Signal<bool>,
    #[prop(optional)] large: bool,
    /// Takes the focus when it appears.
    #[prop(optional)]
    focus: bool,
    #[prop(optional, into)] max_length: Option<u32>,
    #[prop(optional, into)] on_enter: Option<Callback<()>>,
    /// When the value has been left (blur) after a change.
    #[prop(optional, into)]
    on_commit: Option<Callback<()>>,
    #[prop(optional)] node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    let field = field_context(id);
    let shown = RwSignal::new(false);
    let secret = kind == "password";
    let clearable = kind == "search";
    if focus {
        Effect::new(move |_| {
            if let Some(node) = node_ref.get() {
                take_focus(&node);
            }
        });
    }
    view! {
        <div class=if large { "input input-large" } else { "input" }>
            {icon.map(|icon| view! { <Drawn icon=icon /> })}
            <input
                node_ref=node_ref
                id=field.id
                type=move || if clearable || (secret && shown.get()) { "text" } else { kind }
                role=clearable.then_some("searchbox")
                autocomplete=autocomplete.unwrap_or("off")
                spellcheck="false"
                maxlength=max_length
                placeholder=placeholder
                aria-label=move || label.map(|label| label.get())
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-required=move || field.required.get().then_some("true")
                disabled=disabled
                readonly=read_only
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
                on:change=move |_| {
                    if let Some(commit) = on_commit {
                        commit.try_run(());
                    }
                }
                on:keydown=move |event| {
                    if event.key() == "Enter" && !event.is_composing() && let Some(enter) = on_enter {
                        event.prevent_default();
                        enter.try_run(());
                    }
                    if clearable && event.key() == "Escape" && !value.with_untracked(String::is_empty) {
                        event.prevent_default();
                        value.set(String::new());
                    }
                }
            />
            {secret
                .then(|| {
                    view! {
                        <IconButton
                            small=true
                            icon=Signal::derive(move || if shown.get() { Icon::EyeOff } else { Icon::Eye })
                            label=tr!("kit-show-password")
                            pressed=Signal::from(shown)
                            on_press=move || shown.update(|shown| *shown = !*shown)
                        />
                    }
                })}
            <Show when=move || clearable && !value.with(String::is_empty)>
                <IconButton
                    small=true
                    icon=Icon::X
                    label=tr!("kit-clear")
                    on_press=move || {
                        value.set(String::new());
                        if let Some(node) = node_ref.get_untracked() {
                            let _ = node.focus();
                        }
                    }
                />
            </Show>
        </div>
    }
}
