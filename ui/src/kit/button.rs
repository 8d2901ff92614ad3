use leptos::prelude::*;

use super::{Drawn, Icon};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one thing this place is for. At most one in sight.
    Primary,
    #[default]
    Plain,
    /// In bars and beside text, where a border would be noise.
    Quiet,
    /// Takes something away that cannot be brought back.
    Danger,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Plain => "button",
            Self::Quiet => "button button-quiet",
            Self::Danger => "button button-danger",
        }
    }
}

/// Does something. Its label is a verb («Cerrar atención»). For a drawing alone take [`IconButton`]; to go somewhere, a
/// link; to choose one of a few, [`Segments`].
///
/// While `busy` it keeps its width, shows a turning ring and takes no further press.
///
/// [`IconButton`]: super::IconButton
/// [`Segments`]: super::Segments
#[component]
pub fn Button(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on_press: Callback<()>,
    #[prop(optional)] look: Look,
    #[prop(optional, into)] icon: Option<Icon>,
    /// The key that does the same, shown on the button.
    #[prop(optional, into)]
    key: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] id: Option<String>,
    /// Full width, for narrow columns and sign-in.
    #[prop(optional)]
    wide: bool,
    #[prop(optional)] large: bool,
    /// Sends the form it stands in.
    #[prop(optional)]
    submit: bool,
) -> impl IntoView {
    let mut class = look.class().to_owned();
    if wide {
        class.push_str(" button-wide");
    }
    if large {
        class.push_str(" button-large");
    }
    view! {
        <button
            id=id
            type=if submit { "submit" } else { "button" }
            class=class
            disabled=move || disabled.get() || busy.get()
            aria-busy=move || busy.get().then_some("true")
            on:click=move |_| on_press.run(())
        >
            {move || {
                if busy.get() {
                    Some(view! { <span class="spinner" aria-hidden="true"></span> }.into_any())
                } else {
                    icon.map(|icon| view! { <Drawn icon=icon /> }.into_any())
                }
            }}
            <span>{label}</span>
            {key.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> })}
        </button>
    }
}
