use std::sync::LazyLock;

use api::{
    path,
    session::{BeginSecondFactor, Enrolment, FactorCode, RecoveryCodes, SecondFactor},
};
use leptos::prelude::*;

use crate::{
    format,
    kit::{Button, Dialog, Field, Icon, Look, Notice, TextInput, Tone, toast},
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    t, tr, transport,
};

static ASKED: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

/// Opens the dialog of one's own second factor.
pub fn ask_for_second_factor() {
    ASKED.set(true);
}

/// One's own second factor: turned on, renewed, turned off.
#[component]
pub fn OwnSecondFactor() -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(ASKED.get()));
    view! {
        <Dialog open=open title=tr!("factor-title") on_close=move || ASKED.set(false) id="second-factor">
            {move || open.get().then(|| view! { <Own on_done=|| ASKED.set(false) /> })}
        </Dialog>
    }
}

#[component]
fn Own(#[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let standing =
        Loaded::new(|| async { transport::get::<SecondFactor>(path::SECOND_FACTOR, &[]).await });
    let enrolling = RwSignal::new(false);
    let codes = RwSignal::new(None::<Vec<String>>);
    move || {
        if let Some(kept) = codes.get() {
            return view! { <Kept codes=kept on_done=on_done /> }.into_any();
        }
        if enrolling.get() {
            return view! { <Enrol on_done=on_done /> }.into_any();
        }
        standing
            .view(
                3,
                || t!("factor-title"),
                move || {
                    let Some(now) = standing.get_untracked() else {
                        return ().into_any();
                    };
                    match now.enrolled {
                        None => view! {
                            <div class="stack">
                                <p>{tr!("factor-off")}</p>
                                <Button
                                    label=tr!("factor-begin")
                                    look=Look::Primary
                                    id="factor-begin"
                                    on_press=move || enrolling.set(true)
                                />
                            </div>
                        }
                        .into_any(),
                        Some(since) => {
                            let left = now.recovery_left;
                            view! {
                                <div class="stack">
                                    <p>{move || t!("factor-on", date = format::date(ms(since)))}</p>
                                    <p class="weak">{move || t!("factor-left", count = left)}</p>
                                    <Manage required=now.required codes=codes on_done=on_done />
                                </div>
                            }
                            .into_any()
                        }
                    }
                },
            )
            .into_any()
    }
}

/// Renews recovery codes or turns it off: both want a code of the device.
#[component]
fn Manage(
    required: bool,
    codes: RwSignal<Option<Vec<String>>>,
    on_done: Callback<()>,
) -> impl IntoView {
    let code = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let act = move |removes: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let request = FactorCode {
                code: code.get_untracked(),
            };
            let outcome = if removes {
                transport::delete_with::<_, serde_json::Value>(path::SECOND_FACTOR, &request)
                    .await
                    .map(|_| None)
            } else {
                transport::post::<_, RecoveryCodes>(path::RECOVERY_CODES, &request)
                    .await
                    .map(|fresh| Some(fresh.codes))
            };
            busy.try_set(false);
            match outcome {
                Ok(Some(fresh)) => codes.set(Some(fresh)),
                Ok(None) => {
                    toast(t!("factor-removed"));
                    on_done.run(());
                    if required {
                        crate::session::begin().await;
                    }
                }
                Err(wrong) => {
                    code.try_set(String::new());
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    view! {
        <Code value=code label=tr!("factor-code-now") problem=problem />
        {required.then(|| view! { <p class="small weak">{tr!("factor-required-note")}</p> })}
        <div class="row">
            <Button label=tr!("factor-renew") busy=busy id="factor-renew" on_press=move || act(false) />
            <Button
                label=tr!("factor-remove")
                look=Look::Danger
                busy=busy
                id="factor-remove"
                on_press=move || act(true)
            />
        </div>
    }
}

/// A code, with what was wrong with the last one. No cognitive test: it may be pasted, and browsers may fill it in.
#[component]
pub fn Code(
    value: RwSignal<String>,
    #[prop(into)] label: Signal<String>,
    problem: RwSignal<Option<Problem>>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
) -> impl IntoView {
    let said = move || {
        problem.with(|problem| {
            let problem = problem.as_ref()?;
            let of_field = problem.fields.get("code").cloned();
            of_field.or_else(|| {
                (problem.code != "second_factor_required" && problem.fields.is_empty())
                    .then(|| problem.sentence.clone())
            })
        })
    };
    let hint = hint.unwrap_or_default();
    view! {
        <Field label=label hint=hint error=Signal::derive(said) id="factor-code">
            <TextInput value=value autocomplete="one-time-code" large=true focus=true max_length=40_u32 />
        </Field>
    }
}

/// Enrols a device: the picture, a code of it, and the recovery codes.
#[component]
pub fn Enrol(#[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let enrolment = RwSignal::new(None::<Enrolment>);
    let codes = RwSignal::new(None::<Vec<String>>);
    let password = RwSignal::new(String::new());
    let asks = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let begin = move || {
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let typed = password.get_untracked();
            let request = BeginSecondFactor {
                password: (!typed.is_empty()).then_some(typed),
            };
            let answer = transport::post::<_, Enrolment>(path::SECOND_FACTOR, &request).await;
            busy.try_set(false);
            match answer {
                Ok(made) => {
                    enrolment.try_set(Some(made));
                }
                Err(wrong) => {
                    // It was asked for already: say what is wrong with it.
                    let first = !asks.get_untracked() && wrong.fields.contains_key("password");
                    if first {
                        asks.try_set(true);
                    } else {
                        problem.try_set(Some(wrong));
                    }
                }
            }
        });
    };
    begin();
    move || {
        if let Some(kept) = codes.get() {
            view! { <Kept codes=kept on_done=on_done /> }.into_any()
        } else if let Some(made) = enrolment.get() {
            view! { <Confirm enrolment=made codes=codes /> }.into_any()
        } else if asks.get() {
            let said = Signal::derive(move || {
                problem.with(|problem| {
                    let problem = problem.as_ref()?;
                    let of_field = problem.fields.get("password").cloned();
                    Some(of_field.unwrap_or_else(|| problem.sentence.clone()))
                })
            });
            view! {
                <form
                    class="stack"
                    on:submit=move |event| {
                        event.prevent_default();
                        if !busy.get_untracked() {
                            begin();
                        }
                    }
                >
                    <Field
                        label=tr!("sign-in-password")
                        hint=tr!("factor-password-hint")
                        error=said
                        id="factor-password"
                    >
                        <TextInput value=password kind="password" autocomplete="current-password" focus=true />
                    </Field>
                    <Button
                        label=tr!("factor-begin")
                        look=Look::Primary
                        submit=true
                        busy=busy
                        on_press=|| ()
                    />
                </form>
            }
            .into_any()
        } else {
            match problem.get() {
                Some(wrong) => {
                    view! { <Notice text=wrong.sentence tone=Tone::Danger /> }.into_any()
                }
                None => view! { <crate::kit::Loading lines=4 /> }.into_any(),
            }
        }
    }
}

#[component]
fn Confirm(enrolment: Enrolment, codes: RwSignal<Option<Vec<String>>>) -> impl IntoView {
    let code = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        if busy.get_untracked() || code.with_untracked(|code| code.trim().is_empty()) {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let request = FactorCode {
                code: code.get_untracked(),
            };
            let answer = transport::put::<_, RecoveryCodes>(path::SECOND_FACTOR, &request).await;
            busy.try_set(false);
            match answer {
                Ok(fresh) => codes.set(Some(fresh.codes)),
                Err(wrong) => {
                    code.try_set(String::new());
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    let size = enrolment.picture_size;
    view! {
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <p>{tr!("factor-scan")}</p>
            <svg
                class="factor-picture"
                id="factor-picture"
                viewBox=format!("0 0 {size} {size}")
                role="img"
                aria-label=move || t!("factor-picture")
                shape-rendering="crispEdges"
            >
                <rect width=size height=size class="factor-paper" />
                <path d=enrolment.picture_path class="factor-ink" />
            </svg>
            <p class="small weak">
                {tr!("factor-type")} " " <code class="mono" id="factor-secret">{enrolment.secret}</code>
            </p>
            <Code value=code label=tr!("factor-code") problem=problem />
            <Button
                label=tr!("factor-confirm")
                look=Look::Primary
                wide=true
                submit=true
                busy=busy
                id="factor-confirm"
                on_press=|| ()
            />
        </form>
    }
}

/// The recovery codes, the only time they are seen.
#[component]
fn Kept(codes: Vec<String>, on_done: Callback<()>) -> impl IntoView {
    let text = StoredValue::new(codes.join("\n"));
    let copy = move || {
        let promise = window()
            .navigator()
            .clipboard()
            .write_text(&text.get_value());
        leptos::task::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                toast(t!("factor-codes-copied"));
            }
        });
    };
    view! {
        <div class="stack" id="factor-codes">
            <h3>{tr!("factor-codes-title")}</h3>
            <p>{tr!("factor-codes-text")}</p>
            <ul class="factor-codes mono">
                {codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view()}
            </ul>
            <div class="row">
                <Button label=tr!("factor-codes-copy") icon=Icon::Copy on_press=copy />
                <Button
                    label=tr!("factor-codes-kept")
                    look=Look::Primary
                    id="factor-codes-kept"
                    on_press=move || on_done.run(())
                />
            </div>
        </div>
    }
}
