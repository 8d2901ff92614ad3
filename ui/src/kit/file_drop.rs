use leptos::{html, prelude::*};

use super::{Button, Drawn, Icon};
use crate::tr;

/// Takes a file by dropping or choosing. `max_bytes` is said before and held: a file over it goes to `on_refused`.
#[component]
pub fn FileDrop(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    /// As for `<input accept>`: `.csv,text/csv`.
    #[prop(into)]
    accept: String,
    #[prop(into)] on_file: Callback<(send_wrapper::SendWrapper<web_sys::File>,)>,
    #[prop(optional, into)] max_bytes: Option<f64>,
    #[prop(optional, into)] on_refused: Option<Callback<()>>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let take = move |files: Option<web_sys::FileList>| {
        let Some(file) = files.and_then(|files| files.get(0)) else {
            return;
        };
        if max_bytes.is_some_and(|most| file.size() > most) {
            if let Some(refused) = on_refused {
                refused.run(());
            }
            return;
        }
        on_file.run((send_wrapper::SendWrapper::new(file),));
    };
    view! {
        <div
            class="file-drop"
            class:file-drop-over=over
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                event.prevent_default();
                over.set(false);
                take(event.data_transfer().and_then(|data| data.files()));
            }
        >
            <Drawn icon=Icon::FileUp class="icon-large" />
            <p class="strong">{label}</p>
            {hint.map(|hint| view! { <p class="small weak">{hint}</p> })}
            <input
                node_ref=input
                id=id
                type="file"
                class="only-read"
                accept=accept
                tabindex="-1"
                aria-label=label
                on:change=move |_| {
                    if let Some(node) = input.get_untracked() {
                        take(node.files());
                        // So that choosing the same file again is a change again.
                        node.set_value("");
                    }
                }
            />
            <Button
                label=tr!("kit-choose-file")
                icon=Icon::Upload
                on_press=move || {
                    if let Some(node) = input.get_untracked() {
                        node.click();
                    }
                }
            />
        </div>
    }
}
