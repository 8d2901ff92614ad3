use leptos::prelude::*;

use super::{Drawn, Icon};
use crate::format;

/// What something means for the reader, apart from its words. Colour never says it alone: the words do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Success,
    Warning,
    Danger,
    Info,
}

impl Tone {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
            Self::Info => "info",
        }
    }
    pub fn text_class(self) -> String {
        format!("tone-{}", self.name())
    }
}

/// A state or a kind in one or two words («Abierto», «VIP»).
#[component]
pub fn Badge(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] tone: Signal<Tone>,
    #[prop(optional, into)] icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <span class=move || format!("badge badge-{}", tone.get().name())>
            {icon.map(|icon| view! { <Drawn icon=icon /> })} <span class="cut">{label}</span>
        </span>
    }
}

/// How many, beside what is counted.
#[component]
pub fn Count(#[prop(into)] count: Signal<u64>, #[prop(optional)] tone: Tone) -> impl IntoView {
    let class = match tone {
        Tone::Accent => "count count-accent",
        Tone::Danger => "count count-danger",
        _ => "count",
    };
    view! { <span class=class>{move || format::count(count.get())}</span> }
}

/// The initials of a person or company. Their name always stands beside it.
#[component]
pub fn Avatar(#[prop(into)] name: Signal<String>, #[prop(optional)] large: bool) -> impl IntoView {
    view! {
        <span class=if large { "avatar avatar-large" } else { "avatar" } aria-hidden="true">
            {move || format::initials(&name.get())}
        </span>
    }
}
