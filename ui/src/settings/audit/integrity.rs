use access::Verb;
use api::{
    audit::{AuditState, Verification},
    path,
};
use leptos::prelude::*;

use crate::{
    format,
    kit::{Badge, Button, Icon, Look, Notice, Progress, Tone, every, toast_with},
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    session, t, tr, transport,
};

/// Whether the chain is whole: what it stands on, and the checks of it.
#[component]
pub fn Integrity() -> impl IntoView {
    let found =
        Loaded::new(|| async { transport::get::<AuditState>(path::AUDIT_STATE, &[]).await });
    let running = Memo::new(move |_| {
        found.get().is_some_and(|s| {
            s.verifications
                .first()
                .is_some_and(|v| v.state == "running")
        })
    });
    every(1_000, move || {
        if running.get_untracked() {
            found.again();
        }
    });
    let may =
        Memo::new(|_| session::me().is_some_and(|me| me.permissions.may(Verb::Execute, "audit")));
    let verify = move || {
        leptos::task::spawn_local(async move {
            let begun: Result<AuditState, Problem> =
                transport::call("POST", path::AUDIT_STATE, &[], transport::Body::Empty).await;
            match begun {
                Ok(state) => found.set(state),
                Err(refused) => toast_with(refused.sentence, Tone::Danger, None),
            }
        });
    };
    view! {
        <div class="audit-page">
            <p class="weak audit-lead">{tr!("audit-integrity-text")}</p>
            {found.view(6, || t!("audit-integrity"), move || view! {
                {move || found.get().map(|state| {
                    let at = state.checkpoint_at.map(ms);
                    let every = state.every_minutes;
                    view! {
                        <dl class="audit-facts audit-integrity">
                            <dt>{tr!("audit-entries")}</dt>
                            <dd class="figures">{move || format::count(state.entries.unsigned_abs())}</dd>
                            <dt>{tr!("audit-checkpoint")}</dt>
                            <dd class="figures">
                                {move || match (state.checkpoint, at) {
                                    (Some(number), Some(at)) => format!("{number} · {}", format::to_the_second(at)),
                                    _ => t!("audit-checkpoint-none"),
                                }}
                                <span class="weak">" · "{move || if every == 0 { t!("audit-checkpoint-off") } else { t!("audit-checkpoint-every", n = every) }}</span>
                            </dd>
                        </dl>
                        {if state.kept_elsewhere {
                            view! { <p class="weak">{tr!("audit-kept-elsewhere")}</p> }.into_any()
                        } else {
                            view! { <Notice tone=Tone::Warning text=tr!("audit-kept-here") /> }.into_any()
                        }}
                        <div class="audit-verify">
                            <Show when=move || may.get()>
                                <Button id="audit-verify" look=Look::Primary icon=Icon::ShieldCheck label=tr!("audit-verify") busy=Signal::derive(move || running.get()) on_press=verify />
                            </Show>
                        </div>
                        <h2>{tr!("audit-verifications")}</h2>
                        {if state.verifications.is_empty() {
                            view! { <p class="weak">{tr!("audit-verifications-none")}</p> }.into_any()
                        } else {
                            state.verifications.into_iter().map(|v| view! { <One found=v /> }).collect_view().into_any()
                        }}
                    }
                })}
            })}
        </div>
    }
}

#[component]
fn One(found: Verification) -> impl IntoView {
    let started = ms(found.started);
    let (checked, entries) = (found.checked.unsigned_abs(), found.entries.unsigned_abs());
    let head = match found.state.as_str() {
        "running" => {
            #[expect(clippy::cast_precision_loss, reason = "a share of a whole")]
            let done = if entries == 0 { None } else { Some(checked as f64 / entries as f64) };
            view! {
                <Progress
                    done=Signal::stored(done)
                    label=Signal::derive(move || t!("audit-verifying", n = format::count(checked), of = format::count(entries)))
                />
            }.into_any()
        }
        "sound" => view! { <Badge tone=Tone::Success icon=Icon::ShieldCheck label=Signal::derive(move || t!("audit-verification-sound", n = format::count(checked))) /> }.into_any(),
        "broken" => {
            let faults = found.faults;
            view! { <Badge tone=Tone::Danger icon=Icon::TriangleAlert label=Signal::derive(move || t!("audit-verification-broken", n = faults)) /> }.into_any()
        }
        "interrupted" => view! { <Badge tone=Tone::Warning label=tr!("audit-verification-interrupted") /> }.into_any(),
        _ => view! { <Badge tone=Tone::Danger label=tr!("audit-verification-failed") /> }.into_any(),
    };
    let uncovered = found.uncovered;
    let finished = found.finished.is_some();
    view! {
        <article class="audit-verification" data-state=found.state.clone()>
            <div class="row">{head}<span class="weak small">{move || format::to_the_second(started)}" · "{found.by.clone()}</span></div>
            {(finished && uncovered > 0).then(|| view! { <p class="weak small">{tr!("audit-verification-uncovered", n = uncovered)}</p> })}
            {found.findings.first().cloned().map(|first| view! {
                <p class="tone-danger"><span class="strong">{tr!("audit-verification-first")}": "</span>{first}</p>
            })}
            {(found.findings.len() > 1).then(|| view! {
                <ul class="audit-findings small">{found.findings.iter().skip(1).cloned().map(|f| view! { <li>{f}</li> }).collect_view()}</ul>
            })}
        </article>
    }
}
