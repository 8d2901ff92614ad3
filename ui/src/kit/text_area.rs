use leptos::prelude::*;

use super::field::field_context;

/// Several lines of text. Grows by its handle; Ctrl+Enter calls `on_send` where there is something to send.
#[component]
pub fn TextArea(
    value: RwSignal<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] label: Option<Signal<String>>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] read_only: Signal<bool>,
    #[prop(default = 3)] rows: u32,
    #[prop(optional, into)] max_length: Option<u32>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
    #[prop(optional, into)] on_send: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(id);
    view! {
        <textarea
            class="text-area"
            id=field.id
            rows=rows
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
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key())
                    && let Some(send) = on_send
                {
                    event.prevent_default();
                    event.stop_propagation();
                    send.try_run(());
                }
            }
        ></textarea>
    }
}
