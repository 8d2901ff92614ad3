//! Two agents, one in the desktop's window and one in a browser: what the first closes is in the second's inbox at once.

use std::time::Duration;

use anyhow::Result;
use api::{customers::HistoryLine, path};
use journeys::{Browser, Client, Database, Desktop, Options, Page, Place, Service, eventually};
use kernel::Paged;

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
    let item = eventually(
        "the new item in the inbox",
        Duration::from_secs(20),
        || async {
            let now = items(back_office).await?;
            Ok(now.into_iter().find(|id| !before.contains(id)))
        },
    )
    .await?;
    back_office
        .picture(&format!("agents-{name}-5-next-inbox"))
        .await?;
    back_office.press_id(&item).await?;
    back_office.press_id("open-item").await?;
    back_office.id("attend").await?;
    back_office
        .write(&back_office.id("field-score").await?, "780")
        .await?;
    back_office
        .picture(&format!("agents-{name}-6-assessment"))
        .await?;
    back_office.press_id("outcome-approved").await?;

    // Who, when, with what result: the customer's history knows.
    let client = first.client()?.sign_in("agente", PASSWORD).await?;
    let told = eventually(
        "both steps in the history",
        Duration::from_secs(20),
        || async {
            let lines = history(&client, &customer).await?;
            let by = |name: &str| lines.iter().any(|line| line.who.as_deref() == Some(name));
            Ok((by("Paula Lamas") && by("Tomás Ferreyra")).then_some(lines.len()))
        },
    )
    .await?;
    assert!(told >= 2);
    agent.route(&format!("/customers/{customer}")).await?;
    agent.id("customer-name").await?;
    agent.picture(&format!("agents-{name}-7-history")).await?;
    browser.close().await?;
    window.close().await
}

/// The ids of what stands in the inbox.
async fn items(page: &Page) -> Result<Vec<String>> {
    let ids = page
        .run("return [...document.querySelectorAll('#inbox-list [role=option]')].map(e => e.id)")
        .await?;
    Ok(serde_json::from_value(ids)?)
}

async fn history(client: &Client, customer: &str) -> Result<Vec<HistoryLine>> {
    let lines: Paged<HistoryLine> = client
        .get(&path::fill(path::CUSTOMER_HISTORY, &[customer]))
        .await?;
    Ok(lines.items)
}
