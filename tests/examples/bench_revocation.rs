//! `cargo xtask bench revocation`: how soon what is taken away is gone, on the node where it is taken away and on the other
//! one, from the moment that the administrator is told that it is done. Each figure is the worst of [`ROUNDS`].

use std::{
    io::{Write, stdout},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use api::path;
use journeys::{Client, Database, Options, Place, Service};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const ROUNDS: usize = 15;

#[tokio::main]
async fn main() -> Result<()> {
    let place = Place::new("bench-revocation")?;
    for database in Database::all(&place)? {
        let name = database.name().to_lowercase();
        let one = Service::start(&place, &format!("{name}-one"), &database, &Options::demo())?;
        measure(&name, "the same node", &one, &one).await?;
        if name == "postgresql" {
            let two = Service::start(&place, &format!("{name}-two"), &database, &Options::demo())?;
            measure(&name, "the other node", &one, &two).await?;
        }
    }
    Ok(())
}

async fn measure(name: &str, at: &str, here: &Service, there: &Service) -> Result<()> {
    let admin = here.client()?.sign_in("admin", PASSWORD).await?;
    let agent = there.client()?.sign_in("agente", PASSWORD).await?;
    let customer = with_mail(&agent).await?;
    let (mut fields, mut streams, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut live = agent.events(None).await?;
        forbid(&admin, true).await?;
        let told = Instant::now();
        let waiting = tokio::spawn(async move {
            let heard = live
                .until(
                    "that access has changed",
                    Duration::from_secs(20),
                    |event| event.data.contains("access.changed"),
                )
                .await;
            (heard.is_ok(), told.elapsed())
        });
        fields.push(until(told, || async { Ok(!shows_mail(&agent, &customer).await?) }).await?);
        let (heard, after) = waiting.await?;
        ensure!(heard, "the stream did not say so");
        streams.push(after);
        forbid(&admin, false).await?;
        until(Instant::now(), || shows_mail(&agent, &customer)).await?;

        let other = there.client()?.sign_in("backoffice", PASSWORD).await?;
        other.get::<Value>(path::WORK_ITEMS).await?;
        let users: Value = admin.get(&format!("{}?q=backoffice", path::USERS)).await?;
        let user = users["items"][0]["id"].as_str().context("no such user")?;
        admin
            .delete(&path::fill(path::USER_SESSIONS, &[user]))
            .await?;
        let told = Instant::now();
        sessions.push(
            until(told, || async {
                Ok(other.get::<Value>(path::WORK_ITEMS).await.is_err())
            })
            .await?,
        );
    }
    for (what, times) in [
        ("a field is gone", fields),
        ("open screens are told", streams),
        ("a session is over", sessions),
    ] {
        let worst = times.iter().max().context("no rounds")?;
        let line = json!({
            "name": format!("{what}, {at}, {name}, worst of {ROUNDS}"),
            "value": worst.as_secs_f64() * 1e3, "unit": "ms", "goal": "<= 1000",
        });
        writeln!(stdout().lock(), "{line}")?;
    }
    Ok(())
}

async fn until<F>(since: Instant, mut done: impl FnMut() -> F) -> Result<Duration>
where
    F: Future<Output = Result<bool>>,
{
    while !done().await? {
        ensure!(
            since.elapsed() < Duration::from_secs(20),
            "it does not come"
        );
        sleep(Duration::from_millis(2)).await;
    }
    Ok(since.elapsed())
}

async fn with_mail(client: &Client) -> Result<String> {
    let ask = json!({"customer_type": "person", "fields": ["email"], "page": {"limit": 50}});
    let page: Value = client.post(path::CUSTOMERS_SEARCH, &ask).await?;
    let items = page["items"].as_array().context("no customers")?;
    let found = items.iter().find(|one| one["fields"]["email"].is_string());
    let id = found.and_then(|one| one["id"].as_str());
    Ok(id.context("nobody has an address")?.to_owned())
}

async fn shows_mail(client: &Client, customer: &str) -> Result<bool> {
    let told: Value = client.get(&path::fill(path::CUSTOMER, &[customer])).await?;
    Ok(told["fields"]["email"].is_string())
}

/// Takes the agents' sight of the address away, or gives it back.
async fn forbid(admin: &Client, forbidden: bool) -> Result<()> {
    let address = path::fill(path::ROLE, &["agent"]);
    let mut role: Value = admin.get(&address).await?;
    let denied = json!({
        "target": {"field": {"entity": "customer", "field": "fields.email"}}, "verbs": ["read"], "effect": "deny",
    });
    let grants = role["grants"].as_array_mut().context("no grants")?;
    grants.retain(|grant| grant["target"] != denied["target"]);
    if forbidden {
        grants.push(denied);
    }
    let body = json!({
        "version": role["version"], "name": role["name"], "description": role["description"], "grants": role["grants"],
    });
    let _: Value = admin.put(&address, &body).await?;
    Ok(())
}
