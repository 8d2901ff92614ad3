//! An administrator looks into what happened: over the API on both databases, and in a browser.

use std::time::Duration;

use access::{Grant, Target, Verb};
use anyhow::{Context, Result, ensure};
use api::audit::{AuditEntry, AuditPage, AuditState, Past};
use api::customers::{Customer, CustomerLine};
use api::lens::Hidden;
use api::roles::{RoleDetail, SaveRole};
use api::session::Me;
use api::{header, path};
use journeys::{Browser, Client, Database, Options, Place, Service, eventually};
use kernel::Moment;
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

/// A customer with a phone, whatever the demo world calls them.
async fn somebody(agent: &Client) -> Result<Customer> {
    let body = json!({ "customer_type": "person", "fields": ["mobile"] });
    let found: Value = agent.post(path::CUSTOMERS_SEARCH, &body).await?;
    let lines: Vec<CustomerLine> = serde_json::from_value(found["items"].clone())?;
    let first = lines.first().context("the demo world has people")?;
    agent.get(&path::customer(first.id)).await
}

async fn change(agent: &Client, customer: &Customer, fields: Value) -> Result<Customer> {
    let body = json!({ "version": customer.version, "fields": fields }).to_string();
    agent
        .send(
            Method::PATCH,
            &path::customer(customer.id),
            "application/json",
            body,
        )
        .await
}

async fn audit(admin: &Client, query: &str) -> Result<AuditPage> {
    admin.get(&format!("{}?{query}", path::AUDIT)).await
}

/// Hides a field from the role, at the depth of one field.
async fn hide(admin: &Client, role: &str, field: &str) -> Result<i64> {
    let at = path::fill(path::ROLE, &[role]);
    let known: RoleDetail = admin.get(&at).await?;
    let mut grants = known.grants;
    grants.push(Grant::deny(
        Target::field("customer", field),
        &[Verb::Read, Verb::Change],
    ));
    let save = SaveRole {
        version: known.version,
        name: known.name,
        description: known.description,
        grants,
    };
    let kept: RoleDetail = admin.put(&at, &save).await?;
    Ok(kept.version)
}

#[tokio::test]
async fn what_was_done_is_found_explained_and_exported() -> Result<()> {
    let place = Place::new("audit-api")?;
    for database in Database::all(&place)? {
        let name = database.name();
        story(&place, &database)
            .await
            .with_context(|| format!("on {name}"))?;
    }
    Ok(())
}

async fn story(place: &Place, database: &Database) -> Result<()> {
    let name = database.name().to_lowercase();
    let elsewhere = place.folder(&format!("{name}-elsewhere"))?;
    let options = Options::demo()
        .with("ENGAGE_CHECKPOINT_DIR", &elsewhere.display().to_string())
        .with("ENGAGE_CHECKPOINT_MINUTES", "1");
    let service = Service::start(place, &format!("{name}-audit"), database, &options)?;
    let client = service.client()?;
    ensure!(
        client.sign_in("agente", "wrong").await.is_err(),
        "let in with a wrong password"
    );
    let agent = client.sign_in("agente", PASSWORD).await?;
    let admin = client.sign_in("admin", PASSWORD).await?;

    // A change of an address.
    let before = somebody(&agent).await?;
    let was = before.fields.get("address").cloned();
    let then: Past = admin
        .get(&past(&before, &before.changed.to_string()))
        .await?;
    ensure!(then.state == "there", "it is there: {}", then.state);
    let after = change(&agent, &before, json!({ "address": "Av. Siempreviva 742" })).await?;

    // The failed sign-in, with how long it took.
    let refused = audit(&admin, "outcome=refused").await?;
    let line = refused
        .items
        .iter()
        .find(|l| l.operation == "session.refuse")
        .context("the refused sign-in is in the trail")?;
    ensure!(line.microseconds.is_some(), "it says how long it took");

    // The change, field by field.
    let changes = audit(
        &admin,
        &format!("operation=customer.change&customer={}", before.id),
    )
    .await?;
    let line = changes.items.first().context("the change is there")?;
    ensure!(line.customer_name.as_deref() == Some(&*before.name));
    let entry: AuditEntry = admin
        .get(&path::fill(path::AUDIT_ENTRY, &[&line.id]))
        .await?;
    let field = entry.fields.iter().find(|f| f.field == "fields.address");
    let field = field.context("the field is there")?;
    ensure!(field.before == was && field.after == Some(json!("Av. Siempreviva 742")));

    // Text, both ways of paging.
    let found = audit(&admin, "q=siempreviva").await?;
    ensure!(
        found.items.iter().any(|l| l.id == line.id),
        "found by its text"
    );
    let first = audit(&admin, "limit=5").await?;
    let older = first.older.clone().context("there are older ones")?;
    let second = audit(&admin, &format!("limit=5&cursor={older}")).await?;
    let back = second.newer.clone().context("and a way back")?;
    let again = audit(&admin, &format!("limit=5&newer=true&cursor={back}")).await?;
    ensure!(
        again
            .items
            .iter()
            .map(|l| &l.id)
            .eq(first.items.iter().map(|l| &l.id))
    );

    // As it was before the change.
    let just_before = Moment::from_micros(after.changed.as_micros() - 1).to_string();
    let was_then: Past = admin.get(&past(&before, &just_before)).await?;
    let address = was_then.fields.iter().find(|f| f.field == "fields.address");
    let address = address.context("the address of then")?;
    ensure!(address.then == was && address.differs);
    ensure!(was_then.since.first().is_some_and(|l| l.id == line.id));
    let long_ago: Past = admin.get(&past(&before, "2001-03-03T10:15:00Z")).await?;
    ensure!(long_ago.state == "not_yet", "not there in 2001");

    // Exports: harmless, recorded, and refused to whoever may not.
    let csv = admin
        .download(&format!("{}?format=csv&lang=es", path::AUDIT_EXPORT))
        .await?;
    let csv = String::from_utf8(csv)?;
    ensure!(csv.contains("session.refuse") && csv.contains("Cambio de cliente"));
    ensure!(
        csv.lines().all(|l| !l.starts_with(['=', '+', '@'])),
        "no line begins a formula"
    );
    let xlsx = admin
        .download(&format!("{}?format=xlsx", path::AUDIT_EXPORT))
        .await?;
    ensure!(xlsx.starts_with(b"PK"), "a workbook");
    ensure!(agent.download(path::AUDIT_EXPORT).await.is_err());
    ensure!(audit(&agent, "").await.is_err(), "an agent reads no trail");
    let ended = eventually("the exports to be recorded", WAIT, || async {
        let found = audit(&admin, "operation=audit.export_end").await?;
        Ok((found.items.len() >= 2).then_some(()))
    });
    ended.await?;

    levels(&admin, &agent, &before).await?;
    lens(&client, &admin, &agent, &before).await?;

    // The whole chain, with what was kept elsewhere.
    let _: AuditState = admin.post(path::AUDIT_STATE, &json!({})).await?;
    let checked = eventually("the chain to be checked", WAIT, || async {
        let state: AuditState = admin.get(path::AUDIT_STATE).await?;
        Ok(state
            .verifications
            .into_iter()
            .find(|v| v.finished.is_some()))
    })
    .await?;
    ensure!(checked.state == "sound", "{checked:?}");
    ensure!(
        elsewhere.join("checkpoints.jsonl").exists(),
        "checkpoints are kept elsewhere"
    );
    Ok(())
}

fn past(customer: &Customer, at: &str) -> String {
    let place = path::fill(path::AUDIT_PAST, &["customer", &customer.id.to_string()]);
    let mut text = String::new();
    path::encode(at, &mut text);
    format!("{place}?at={text}")
}

/// Readings are recorded when the level says so, and security whatever it says.
async fn levels(admin: &Client, agent: &Client, customer: &Customer) -> Result<()> {
    let set = |level: Value| json!({ "module": "desk", "entity": "customer", "level": level });
    let _: Value = admin.put(path::AUDIT_LEVELS, &set(json!("reads"))).await?;
    let _: Customer = agent.get(&path::customer(customer.id)).await?;
    let read = audit(
        admin,
        &format!(
            "operation=customer.read&record={}&entity=customer",
            customer.id
        ),
    )
    .await?;
    ensure!(!read.items.is_empty(), "the reading is recorded");
    let lowered = json!({ "module": "directory", "entity": "*", "level": "security" });
    ensure!(
        admin
            .put::<Value>(path::AUDIT_LEVELS, &lowered)
            .await
            .is_err(),
        "security was lowered"
    );
    let _: Value = admin.put(path::AUDIT_LEVELS, &set(Value::Null)).await?;
    let set = audit(admin, "operation=audit.level").await?;
    ensure!(set.items.len() == 2, "both changes of level are recorded");
    Ok(())
}

/// With the agent's eyes: what they see, nothing written, the rule that hides, and traces under the looker's name.
async fn lens(client: &Client, admin: &Client, agent: &Client, customer: &Customer) -> Result<()> {
    let me: Me = agent.get(path::SESSION).await?;
    let version = hide(admin, "agent", "fields.mobile").await?;
    let _: Value = admin.post(path::LENS, &json!({ "user": me.id })).await?;
    let looking = |method: Method| {
        admin
            .request(method, &path::customer(customer.id))
            .header(api::lens::AS, me.id.to_string())
    };
    let seen: Customer = looking(Method::GET).send().await?.json().await?;
    ensure!(
        !seen.fields.contains_key("mobile") && seen.hidden.contains(&"mobile".to_owned()),
        "the phone is hidden"
    );
    let own: Customer = admin.get(&path::customer(customer.id)).await?;
    ensure!(own.fields.contains_key("mobile"), "not from the looker");
    let write = looking(Method::PATCH)
        .header(header::IDEMPOTENCY_KEY, "lens-write")
        .json(&json!({ "version": own.version, "fields": { "address": "x" } }))
        .send()
        .await?;
    ensure!(write.status() == 403, "written through the lens");
    let denied = agent
        .request(Method::GET, path::SESSION)
        .header(api::lens::AS, me.id.to_string())
        .send()
        .await?;
    ensure!(denied.status() == 403, "an agent looked through the lens");
    let why = path::fill(path::LENS_WHY, &[&me.id.to_string()]);
    let hidden: Hidden = admin
        .get(&format!("{why}?entity=customer&record={}", customer.id))
        .await?;
    let rule = hidden
        .hidden
        .iter()
        .find(|a| a.part.as_deref() == Some("fields.mobile") && a.verb == Verb::Read)
        .and_then(|a| a.rules.first())
        .context("the rule that hides it")?;
    ensure!(
        rule.role == "agent" && rule.version == version && rule.target == "customer.fields.mobile"
    );
    let admins: Me = admin.get(path::SESSION).await?;
    let traces = audit(admin, &format!("operation=lens.&user={}", admins.id)).await?;
    for operation in ["lens.begin", "lens.look"] {
        ensure!(
            traces
                .items
                .iter()
                .any(|l| l.operation == operation && l.record == Some(me.id.to_string())),
            "{operation} leaves a trace"
        );
    }
    // Both ways: who may see it, as a page and as a file.
    let who = format!(
        "{}?entity=customer&field=fields.mobile&may=false",
        path::LENS_WHO
    );
    let page: Value = admin.get(&who).await?;
    let logins: Vec<&str> = page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|l| l["login"].as_str())
        .collect();
    ensure!(logins.contains(&"agente"), "{logins:?}");
    let file = admin.download(&format!("{who}&format=csv")).await?;
    ensure!(String::from_utf8(file)?.contains("agente"));
    ensure!(client.download(&who).await.is_err(), "without a session");
    Ok(())
}

#[tokio::test]
async fn an_administrator_finds_out_in_the_browser() -> Result<()> {
    let place = Place::new("audit-browser")?;
    let database = Database::all(&place)?.remove(0);
    let service = Service::start(&place, "audit-window", &database, &Options::demo())?;
    let client = service.client()?;
    let _ = client.sign_in("agente", "wrong").await;
    let agent = client.sign_in("agente", PASSWORD).await?;
    let admin = client.sign_in("admin", PASSWORD).await?;
    let before = somebody(&agent).await?;
    let old = before
        .fields
        .get("address")
        .and_then(Value::as_str)
        .unwrap_or("—")
        .to_owned();
    change(
        &agent,
        &before,
        json!({ "address": "Sarmiento 2450, 3.º B" }),
    )
    .await?;
    hide(&admin, "agent", "fields.mobile").await?;
    let me: Me = agent.get(path::SESSION).await?;

    let browser = Browser::open(&place, "audit-chromium", &service.address()).await?;
    let page = browser.page();
    page.sign_in("admin", PASSWORD).await?;
    page.id("rail-inbox").await?;
    page.route("/settings/audit").await?;
    page.id("audit-rows").await?;
    page.picture("audit-1-trail").await?;
    page.press_id("facet-outcome-refused").await?;
    page.element("//tr[@data-operation='session.refuse']")
        .await?;
    page.picture("audit-2-refused").await?;

    page.route(&format!(
        "/settings/audit?operation=customer.change&customer={}",
        before.id
    ))
    .await?;
    page.element("//tr[@data-operation='customer.change']")
        .await?
        .click()
        .await?;
    page.id("audit-change").await?;
    page.shows("Sarmiento 2450").await?;
    page.picture("audit-3-entry").await?;

    page.press_id("audit-as-of").await?;
    let cell = page.id("past-fields-address").await?;
    let text = cell.text().await?;
    ensure!(text.contains(&old), "the address of then: {text}");
    page.picture("audit-4-as-of").await?;

    page.route("/settings/audit/integrity").await?;
    page.press_id("audit-verify").await?;
    page.element("//*[contains(@class,'audit-verification') and @data-state='sound']")
        .await?;
    page.picture("audit-5-integrity").await?;
    page.route("/settings/audit/levels").await?;
    page.id("level-desk-customer").await?;
    page.picture("audit-6-levels").await?;

    page.route(&format!("/settings/lens?user={}", me.id))
        .await?;
    page.id("lens-answers").await?;
    page.picture("audit-7-lens").await?;
    page.press_id("lens-look").await?;
    page.id("lens-banner").await?;
    page.route(&format!("/customers/{}", before.id)).await?;
    page.id("customer-name").await?;
    page.press_id("lens-why").await?;
    page.element("//*[@id='lens-hidden-fields']//article[@data-part='fields.mobile']//*[@data-role='agent' and @data-effect='lens-effect-deny']")
        .await?;
    page.picture("audit-8-why").await?;
    page.keys(thirtyfour::Key::Escape + "").await?;
    page.press_id("lens-leave").await?;
    let gone = eventually("the banner to go", WAIT, || async {
        let there = page
            .run("return !!document.getElementById('lens-banner')")
            .await?;
        Ok((there == json!(false)).then_some(()))
    });
    gone.await?;
    browser.close().await
}
