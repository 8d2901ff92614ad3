use api::{
    lens::{Answer, Hidden, RuleLine},
    path,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::eyes::{self, eyes};
use crate::{
    kit::{Badge, Drawer, Drawn, EmptyState, Icon, Tone, shortcut_everywhere},
    loaded::Loaded,
    t, tr, transport,
};

/// Over every screen while one looks as somebody else: who, that nothing can be changed, what is hidden and why, the way
/// back. Ids for tests: `lens-banner`, `lens-why`, `lens-leave`, `lens-hidden`.
#[component]
pub fn Banner() -> impl IntoView {
    let open = RwSignal::new(false);
    let name = Memo::new(|_| eyes().map(|seen| seen.name));
    view! {
        <Show when=move || name.with(Option::is_some)>
            <Keys open=open />
            <div class="lens-banner" id="lens-banner" role="alert">
                <Drawn icon=Icon::Eye />
                <span class="grow">{move || t!("lens-banner", name = name.get().unwrap_or_default())}</span>
                <button type="button" class="lens-banner-button" id="lens-why" on:click=move |_| open.set(true)>{tr!("lens-why")}</button>
                <button
                    type="button"
                    class="lens-banner-button lens-banner-leave"
                    id="lens-leave"
                    on:click=move |_| leptos::task::spawn_local(eyes::leave())
                >
                    {tr!("lens-leave")}
                </button>
            </div>
            <Drawer open=open id="lens-hidden" title=Signal::derive(move || t!("lens-why-title", name = name.get().unwrap_or_default()))>
                <Why />
            </Drawer>
        </Show>
    }
}

/// The key, for as long as one looks.
#[component]
fn Keys(open: RwSignal<bool>) -> impl IntoView {
    shortcut_everywhere(
        "Ctrl+Shift+Y",
        Signal::derive(|| t!("lens-why")),
        move || open.update(|open| *open = !*open),
    );
}

/// What the screen at this address shows: the entity, and the record where it is one.
fn on_screen(address: &str) -> Option<(&'static str, Option<String>)> {
    let mut parts = address.split('/').filter(|p| !p.is_empty());
    let place = parts.next()?;
    let record = parts.next().map(str::to_owned);
    Some(match place {
        "customers" => ("customer", record),
        "inbox" | "work-items" => ("work_item", None),
        "instances" => ("instance", None),
        "designer" => ("definition", None),
        "import" => ("import", None),
        "settings" => match record.as_deref() {
            Some("users") => ("user", None),
            Some("groups") => ("group", None),
            Some("roles") => ("role", None),
            Some("sessions") => ("session", None),
            Some("audit") => ("audit", None),
            Some("organisation") => ("unit", None),
            _ => return None,
        },
        _ => return None,
    })
}

#[component]
fn Why() -> impl IntoView {
    let address = use_location().pathname;
    let asked = Memo::new(move |_| address.with(|a| on_screen(a)));
    view! {
        {move || match (asked.get(), eyes()) {
            (Some((entity, record)), Some(seen)) => {
                let id = seen.id.to_string();
                let found = Loaded::new(move || {
                    let path = path::fill(path::LENS_WHY, &[&id]);
                    let mut query = vec![("entity", entity.to_owned())];
                    query.extend(record.clone().map(|r| ("record", r)));
                    async move { transport::get::<Hidden>(&path, &query).await }
                });
                found.view(8, || t!("lens-why"), move || view! { {move || found.get().map(|h| view! { <HiddenThings hidden=h /> })} }).into_any()
            }
            _ => view! { <EmptyState icon=Icon::Eye title=tr!("lens-why-no-screen") /> }.into_any(),
        }}
    }
}

#[component]
fn HiddenThings(hidden: Hidden) -> impl IntoView {
    let name = hidden.user.name.clone();
    let (fields, actions): (Vec<_>, Vec<_>) = hidden
        .hidden
        .into_iter()
        .partition(|a| a.verb == access::Verb::Read && a.part.is_some());
    let nothing = fields.is_empty() && actions.is_empty() && hidden.record.is_none();
    let asked = hidden.asked;
    view! {
        {hidden.record.map(|answer| view! {
            <section class="lens-part">
                <h3>{tr!("lens-why-record", name = name.clone())}</h3>
                <Told answer=answer />
            </section>
        })}
        {nothing.then(|| view! { <EmptyState icon=Icon::CircleCheck title=tr!("lens-why-nothing") /> })}
        {(!fields.is_empty()).then(|| view! {
            <section class="lens-part" id="lens-hidden-fields">
                <h3>{tr!("lens-hidden-fields")}</h3>
                {fields.into_iter().map(|answer| view! { <Told answer=answer /> }).collect_view()}
            </section>
        })}
        {(!actions.is_empty()).then(|| view! {
            <section class="lens-part">
                <h3>{tr!("lens-hidden-actions")}</h3>
                {actions.into_iter().map(|answer| view! { <Told answer=answer /> }).collect_view()}
            </section>
        })}
        <p class="weak small">{tr!("lens-why-asked", n = asked)}</p>
    }
}

pub fn verb_text(verb: access::Verb) -> String {
    t!(&format!("lens-verb-{}", verb.text()))
}

/// An answer of the decision function with the rule that settled it.
#[component]
pub fn Told(answer: Answer) -> impl IntoView {
    let verb = answer.verb;
    let what = answer
        .part_name
        .clone()
        .unwrap_or_else(|| answer.target_name.clone());
    view! {
        <article class="lens-answer" data-part=answer.part.clone().unwrap_or_default() data-verb=answer.verb.text()>
            <p class="lens-answer-head"><span class="strong grow wrap">{what}</span><Badge label=Signal::derive(move || verb_text(verb)) tone=Tone::Neutral /></p>
            <p class="small">{answer.sentence}</p>
            {answer.rules.into_iter().take(3).map(|rule| view! { <Rule rule=rule /> }).collect_view()}
        </article>
    }
}

#[component]
pub fn Rule(rule: RuleLine) -> impl IntoView {
    use access::Effect;
    use api::lens::Depth;
    let depth = match rule.depth {
        Depth::Process => "lens-depth-process",
        Depth::Activity => "lens-depth-activity",
        Depth::Entity => "lens-depth-entity",
        Depth::Field => "lens-depth-field",
    };
    let (effect, tone) = match rule.effect {
        Effect::Allow => ("lens-effect-allow", Tone::Success),
        Effect::Deny => ("lens-effect-deny", Tone::Danger),
    };
    let (role, number, version) = (rule.role_name.clone(), rule.number, rule.version);
    let extra = move || {
        let mut parts = Vec::new();
        parts.extend(
            rule.condition
                .clone()
                .map(|c| t!("lens-rule-when", condition = c)),
        );
        parts.extend(
            rule.within
                .clone()
                .map(|p| t!("lens-rule-within", place = p)),
        );
        parts.extend(rule.limit.clone().map(|l| t!("lens-rule-limit", limit = l)));
        parts.join(" · ")
    };
    view! {
        <div class="lens-rule" data-role=rule.role.clone() data-effect=effect>
            <span class="lens-rule-head">
                <span class="strong">{move || t!("lens-rule", n = number, role = role.clone(), version = version)}</span>
                <Badge label=tr!(effect) tone=tone />
                <span class="weak small">{tr!(depth)}</span>
            </span>
            <code class="mono small wrap">{rule.target.clone()}</code>
            <span class="small wrap">{extra}</span>
        </div>
    }
}
