//! Every component in every state: the kit's visual test, at `/gallery`. Its words are samples, as long and as odd as real
//! ones are, and stay as they are in every language; the components' own words follow the language.

mod data;
mod surfaces;
mod values;

use kernel::Language;
use leptos::prelude::*;

use crate::{
    kit::{Choice, Segments},
    prefs::{Density, Theme, preferences},
};

#[component]
pub fn Gallery() -> impl IntoView {
    let theme = move || match preferences().theme() {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
        Theme::Contrast => "contrast",
    };
    let density = move || match preferences().density() {
        Density::Compact => "compact",
        Density::Normal => "normal",
        Density::Roomy => "roomy",
    };
    view! {
        <main class="gallery">
            <header class="gallery-bar">
                <h1>"Kit"</h1>
                <span class="grow"></span>
                <Segments
                    label="Language"
                    value=move || preferences().language().tag().to_owned()
                    options=Signal::stored(vec![Choice::new("es", "Español"), Choice::new("en", "English")])
                    on_change=move |tag: String| {
                        preferences().set_language(if tag == "en" { Language::En } else { Language::Es });
                    }
                />
                <Segments
                    label="Theme"
                    value=move || theme().to_owned()
                    options=Signal::stored(
                        ["system", "light", "dark", "contrast"].map(|name| Choice::new(name, name)).to_vec(),
                    )
                    on_change=move |name: String| {
                        preferences()
                            .set_theme(
                                match name.as_str() {
                                    "light" => Theme::Light,
                                    "dark" => Theme::Dark,
                                    "contrast" => Theme::Contrast,
                                    _ => Theme::System,
                                },
                            );
                    }
                />
                <Segments
                    label="Density"
                    value=move || density().to_owned()
                    options=Signal::stored(["compact", "normal", "roomy"].map(|name| Choice::new(name, name)).to_vec())
                    on_change=move |name: String| {
                        preferences()
                            .set_density(
                                match name.as_str() {
                                    "compact" => Density::Compact,
                                    "roomy" => Density::Roomy,
                                    _ => Density::Normal,
                                },
                            );
                    }
                />
            </header>
            <div class="gallery-body">
                <values::Values />
                <surfaces::Surfaces />
                <data::Data />
            </div>
        </main>
    }
}

/// A part of the gallery with its name.
#[component]
fn Part(
    #[prop(into)] name: String,
    children: Children,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let id = format!("part-{}", name.to_lowercase().replace(' ', "-"));
    view! {
        <section class="gallery-part" class:gallery-part-wide=wide id=id>
            <h2>{name}</h2>
            {children()}
        </section>
    }
}
