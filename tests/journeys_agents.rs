//! Two agents, one in the desktop's window and one in a browser: what the first closes is in the second's inbox at once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::path;
use journeys::{Browser, Client, Database, Desktop, Options, Page, Place, Service, eventually};
use serde_json::Value;

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";

#[tokio::test]
async fn a_card_is_applied_for_in_the_window_and_assessed_in_the_browser() -> Result<()> {
    let place = Place::new("agents")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        story(&place, &database).await?;
    }
    Ok(())
}

async fn story(place: &Place, database: &Database) -> Result<()> {
    let name = database.name().to_lowercase();
    let first = Service::start(place, &format!("{name}-first"), database, &Options::demo())?;
    // Two nodes share a company's database; a file has one.
    let second = match database.name() {
        "PostgreSQL" => Some(Service::start(
            place,
            &format!("{name}-second"),
            database,
            &Options::demo(),
        )?),
        _ => None,
    };
    let elsewhere = second.as_ref().unwrap_or(&first).address();

    let desk = Desktop::new(place, &format!("{name}-desk"))?;
    let address = first.address();
    let window = desk.open(&[("ENGAGE_SERVER", address.as_str())]).await?;
    let agent = window.page();
    agent.sign_in("agente", PASSWORD).await?;
    agent.picture(&format!("agents-{name}-1-inbox")).await?;

    let browser = Browser::open(place, &format!("{name}-browser"), &elsewhere).await?;
    let back_office = browser.page();
    back_office.sign_in("backoffice", PASSWORD).await?;
    back_office.id("rail-inbox").await?;
    let before = items(back_office).await?;

    // Found by name as one types, without the accent.
    agent.press_id("rail-customers").await?;
    agent
        .element("//*[@id='customer-type']/option[@value='person']")
        .await?
        .click()
        .await?;
    let search = agent.id("customer-search").await?;
    agent.write(&search, "yesica").await?;
    let row = agent
        .element("//*[@role='row'][.//*[@role='gridcell']][contains(., 'Yésica')]")
        .await?;
    agent.picture(&format!("agents-{name}-2-search")).await?;
    agent
        .driver()
        .action_chain()
        .double_click_element(&row)
        .perform()
        .await?;
    agent.id("customer-name").await?;
    agent.picture(&format!("agents-{name}-3-customer")).await?;
    let customer = agent.run("return location.pathname.split('/')[2]").await?;
    let customer = customer.as_str().unwrap_or_default().to_owned();
    found_by_each(
        agent,
        &first.client()?.sign_in("agente", PASSWORD).await?,
        &customer,
    )
    .await?;

    agent.press_id("start-process").await?;
    agent.press_id("start-credit_card").await?;
    agent.id("attend").await?;
    // A list or a row of buttons, as the form has it.
    agent
        .element(
            "//select[@id='field-card']/option[@value='gold'] | //*[@id='field-card']//label[2]",
        )
        .await?
        .click()
        .await?;
    agent
        .write(&agent.id("field-income").await?, "900000")
        .await?;
    agent.tick("field-consent").await?;
    agent.picture(&format!("agents-{name}-4-form")).await?;
    agent.press_id("outcome-complete").await?;

    // In the other's inbox, without a reload.
    let item = comes(back_office, &before).await?;
    back_office
        .picture(&format!("agents-{name}-5-next-inbox"))
        .await?;
    attend(back_office, &item, Some(ANYBODY)).await?;
    back_office
        .write(&back_office.id("field-score").await?, "780")
        .await?;
    back_office
        .picture(&format!("agents-{name}-6-assessment"))
        .await?;
    back_office.press_id("outcome-approved").await?;

    // The next group is theirs too; the one after that is the first agent's, in the window.
    agent.route("/inbox").await?;
    agent.id("inbox-list").await?;
    let there = items(agent).await?;
    back_office.route("/inbox").await?;
    let item = comes(back_office, &before).await?;
    // The window has led on to it, unless it was left before.
    attend(back_office, &item, None).await?;
    back_office
        .write(
            &back_office.id("field-plastic").await?,
            "4509 1234 5678 9012",
        )
        .await?;
    back_office.press_id("outcome-issued").await?;
    let item = comes(agent, &there).await?;
    attend(agent, &item, Some(ANYBODY)).await?;
    agent
        .write(&agent.id("field-received_by").await?, "Yésica")
        .await?;
    agent.press_id("outcome-delivered").await?;

    // Every step, who, when, how long, with what result: the customer's history shows it.
    agent.route(&format!("/customers/{customer}")).await?;
    agent.id("customer-name").await?;
    for [step, who, result] in [
        ["Tomar la solicitud", "Paula Lamas", "Solicitud completa"],
        ["Evaluar el crédito", "Tomás Ferreyra", "Aprobada"],
        ["Emitir la tarjeta", "Tomás Ferreyra", "Emitida"],
        ["Entregar la tarjeta", "Paula Lamas", "Entregada"],
    ] {
        let line = eventually(&format!("«{step}»"), Duration::from_secs(30), || async {
            let lines = agent
                .run(
                    "return [...document.querySelectorAll('li.timeline-item')].map(line => ({ \
                     at: line.querySelector('time').textContent, \
                     title: line.querySelector('.timeline-head .strong').textContent, \
                     note: line.querySelector('.timeline-head .weak').textContent, \
                     all: line.textContent }))",
                )
                .await?;
            let holds = |line: &&Value| {
                let all = line["all"].as_str().unwrap_or_default();
                all.contains(step) && all.contains(result)
            };
            Ok(lines
                .as_array()
                .and_then(|lines| lines.iter().find(holds).cloned()))
        })
        .await?;
        let [at, note] = ["at", "note"].map(|part| line[part].as_str().unwrap_or_default());
        // In which process, who, and how long it took.
        let parts: Vec<&str> = note.split(" · ").collect();
        let process = parts
            .iter()
            .any(|part| ["Alta de tarjeta", "Credit card application"].contains(part));
        let long = parts
            .iter()
            .any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        ensure!(
            at.contains(':') && parts.contains(&who) && process && long,
            "«{step}»: {line}"
        );
    }
    // Nothing is left of it in any inbox, and the process says that it is over.
    agent
        .element("//li[contains(@class, 'timeline-item')][contains(., 'Tarea terminada') or contains(., 'Process finished')]")
        .await?;
    agent.picture(&format!("agents-{name}-7-history")).await?;
    browser.close().await?;
    window.close().await
}

/// By telephone, document number and mail as well, typed into the same field.
async fn found_by_each(agent: &Page, client: &Client, customer: &str) -> Result<()> {
    let known: Value = client.get(&path::fill(path::CUSTOMER, &[customer])).await?;
    let name = known["name"].as_str().context("a name")?.to_owned();
    for field in ["mobile", "document", "email"] {
        let value = known["fields"][field].as_str().context(field)?;
        agent.press_id("rail-customers").await?;
        let search = agent.id("customer-search").await?;
        agent.write(&search, value).await?;
        let only = eventually(
            &format!("the customer by {field} «{value}»"),
            Duration::from_secs(20),
            || async {
                let rows = agent
                    .run("return [...document.querySelectorAll('[role=row]:has([role=gridcell])')].map(e => e.innerText)")
                    .await?;
                let rows: Vec<String> = serde_json::from_value(rows)?;
                Ok((rows.len() == 1).then(|| rows[0].clone()))
            },
        )
        .await?;
        ensure!(only.contains(&name), "by {field}: {only:?}, not {name}");
    }
    agent.route(&format!("/customers/{customer}")).await?;
    agent.id("customer-name").await?;
    Ok(())
}

/// In the language that the window has found: a machine without Spanish locales opens it in English.
const ANYBODY: [&str; 2] = ["Está para cualquiera del grupo", "For anybody in the group"];

/// Waits for work in the inbox that was not there before.
async fn comes(page: &Page, before: &[String]) -> Result<String> {
    eventually(
        "the new item in the inbox",
        Duration::from_secs(20),
        || async {
            let now = items(page).await?;
            Ok(now.into_iter().find(|id| !before.contains(id)))
        },
    )
    .await
}

async fn attend(page: &Page, item: &str, why: Option<[&str; 2]>) -> Result<()> {
    page.press_id(item).await?;
    // Why it came here, in words.
    if let Some(why) = why {
        eventually("why it is here", Duration::from_secs(30), || async {
            let script = "return document.getElementById('item-why')?.textContent.trim() ?? ''";
            let told = page.run(script).await?;
            Ok(why.iter().any(|why| told == **why).then_some(()))
        })
        .await?;
    }
    page.press_id("open-item").await?;
    page.id("attend").await?;
    Ok(())
}

/// The ids of what stands in the inbox.
async fn items(page: &Page) -> Result<Vec<String>> {
    let ids = page
        .run("return [...document.querySelectorAll('#inbox-list [role=option]')].map(e => e.id)")
        .await?;
    Ok(serde_json::from_value(ids)?)
}
