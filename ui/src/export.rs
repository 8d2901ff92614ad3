//! What is listed, as a file: CSV or a spreadsheet.

use std::{cell::Cell, rc::Rc, time::Duration};

use api::path;
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    kit::{Drawn, Icon, Menu, MenuItem, Tone, toast, toast_with},
    prefs::preferences,
    t, tr, transport,
};

/// From when on a file that is being prepared is worth a word.
const LONG: Duration = Duration::from_millis(700);

/// Where a file comes from, and what is asked besides its format and language.
pub enum Asked {
    Query(&'static str, Vec<(String, String)>),
    /// In a body: what is asked is about people and must not stand in an address.
    Body(&'static str, Value),
}

/// A path with its query, for a link.
pub fn address(place: &str, pairs: &[(String, String)]) -> String {
    let mut address = place.to_owned();
    for (at, (name, value)) in pairs.iter().enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        path::encode(value, &mut address);
    }
    address
}

/// Whoever may not export sees no button. The answer may take a while: it comes as a download, and the trail says how it ended.
#[component]
pub fn ExportMenu(
    id: &'static str,
    /// The entity whose export is permitted or not.
    entity: &'static str,
    /// Where the file comes from, and what is asked besides its format and language.
    ask: Callback<(), Asked>,
    /// What the file is called, without its ending.
    #[prop(into)]
    file: Signal<String>,
    /// Why it cannot be had just now.
    #[prop(optional, into)]
    withheld: Signal<Option<String>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let may = Memo::new(move |_| {
        crate::session::me().is_some_and(|me| me.permissions.may(access::Verb::Export, entity))
    });
    let save = move |format: &'static str| {
        let asked = ask.run(());
        let besides = [("format", format), ("lang", preferences().language().tag())];
        let name = format!("{}.{format}", file.get_untracked());
        leptos::task::spawn_local(async move {
            let ended = Rc::new(Cell::new(false));
            let mut done = "export-begun";
            let saved = match asked {
                Asked::Query(place, mut pairs) => {
                    pairs.extend(besides.map(|(key, value)| (key.to_owned(), value.to_owned())));
                    transport::save(&address(place, &pairs), &name).await
                }
                Asked::Body(place, mut body) => {
                    done = "export-done";
                    if !transport::is_desktop() {
                        let ended = ended.clone();
                        set_timeout(
                            move || {
                                if !ended.get() {
                                    toast_with(t!("export-preparing"), Tone::Info, None);
                                }
                            },
                            LONG,
                        );
                    }
                    for (key, value) in besides {
                        body[key] = Value::from(value);
                    }
                    transport::save_asked(place, body, &name).await
                }
            };
            ended.set(true);
            match saved {
                Ok(true) => toast(t!(done)),
                Ok(false) => {}
                Err(refused) => toast_with(refused.sentence, Tone::Danger, None),
            }
        });
    };
    let items = Signal::derive(move || {
        vec![
            MenuItem::act(
                Signal::derive(|| t!("export-csv")),
                Icon::FileText,
                move || save("csv"),
            ),
            MenuItem::act(
                Signal::derive(|| t!("export-xlsx")),
                Icon::Table,
                move || save("xlsx"),
            ),
        ]
    });
    view! {
        <Show when=move || may.get()>
            <Menu open=open items=items label=tr!("export")>
                <button
                    type="button"
                    class="button"
                    id=id
                    aria-haspopup="menu"
                    aria-expanded=move || open.get().to_string()
                    disabled=move || withheld.with(Option::is_some)
                    title=move || withheld.get()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    <Drawn icon=Icon::Download />
                    <span>{tr!("export")}</span>
                </button>
            </Menu>
        </Show>
    }
}
