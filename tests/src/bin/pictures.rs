//! The README's pictures, taken from the demo world in Spanish: `cargo xtask pictures` builds what this needs and starts it.
//! `ENGAGE_PICTURES` names the folder.
#![expect(
    clippy::print_stdout,
    reason = "a program on the command line speaks there"
)]

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use api::imports::{Import, ImportPlan, Preview};
use api::path;
use journeys::{Browser, Client, Database, Options, Page, Place, Service, eventually, testdata};
use serde_json::{Value, json};
use tokio::time::sleep;

const PASSWORD: &str = "violeta-lluvia-tren";

#[tokio::main]
async fn main() -> Result<()> {
    let place = Place::new("pictures")?;
    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    let folder = std::env::var_os("ENGAGE_PICTURES").map(PathBuf::from);
    let folder = folder.context("ENGAGE_PICTURES names no folder")?;
    std::fs::create_dir_all(&folder)?;

    let agent = open(&place, &service, "agente").await?;
    let page = agent.page();
    page.id("rail-inbox").await?;
    take(page, &folder, "inbox").await?;
    page.press_id("rail-customers").await?;
    page.element("//*[@id='customer-type']/option[@value='person']")
        .await?
        .click()
        .await?;
    let search = page.id("customer-search").await?;
    page.write(&search, "yesica").await?;
    let row = page
        .element("//*[@role='row'][.//*[@role='gridcell']][contains(., 'Yésica')]")
        .await?;
    page.driver()
        .action_chain()
        .double_click_element(&row)
        .perform()
        .await?;
    page.id("customer-name").await?;
    take(page, &folder, "customer").await?;
    page.press_id("start-process").await?;
    page.press_id("start-credit_card").await?;
    page.id("attend").await?;
    page.write(&page.id("field-income").await?, "900000")
        .await?;
    take(page, &folder, "attend").await?;
    agent.close().await?;

    let designer = open(&place, &service, "disenadora").await?;
    let page = designer.page();
    page.route("/designer/process/credit_card").await?;
    page.id("canvas").await?;
    settle(page).await?;
    // In the middle of the work: an activity is chosen and what comes next is being looked for.
    page.run("document.getElementById('canvas').focus()")
        .await?;
    page.keys("\u{E011}").await?;
    page.keys("\u{E014}").await?;
    page.keys("\u{E014}").await?;
    take(page, &folder, "canvas").await?;
    let client = service.client()?.sign_in("disenadora", PASSWORD).await?;
    if let Some(form) = first_form(&client).await? {
        page.route(&format!("/designer/form/{form}")).await?;
        page.id("form-places").await?;
        take(page, &folder, "form").await?;
    }
    match import(&client).await? {
        Some(id) => {
            page.route(&format!("/import/{id}")).await?;
            take(page, &folder, "import").await?;
        }
        None => println!("skipped: no data for the picture of a list"),
    }
    designer.close().await
}

async fn open(place: &Place, service: &Service, login: &str) -> Result<Browser> {
    let browser = Browser::open_sized(place, login, &service.address(), (1366, 768)).await?;
    let page = browser.page();
    page.run("localStorage.setItem('engage.preferences', JSON.stringify({language: 'es', theme: 'light'}))")
        .await?;
    page.driver().goto(service.address()).await?;
    page.sign_in(login, PASSWORD).await?;
    Ok(browser)
}

async fn take(page: &Page, folder: &std::path::Path, name: &str) -> Result<()> {
    settle(page).await?;
    let file = page.picture(&format!("readme-{name}")).await?;
    let to = folder.join(format!("{name}.png"));
    std::fs::copy(file, &to)?;
    println!("{}", to.display());
    Ok(())
}

/// Until nothing has changed for a moment, and what said something for a while has gone.
async fn settle(page: &Page) -> Result<()> {
    let mut before = String::new();
    for _ in 0..60 {
        sleep(Duration::from_millis(200)).await;
        let now = page
            .run("return document.fonts.status + document.querySelectorAll('.toast').length + '-' + document.body.innerHTML.length")
            .await?
            .to_string();
        if now == before && now.contains("loaded0") {
            return Ok(());
        }
        before = now;
    }
    Ok(())
}

async fn first_form(client: &Client) -> Result<Option<String>> {
    let all: Value = client
        .get(&format!("{}?kind=form", path::DEFINITIONS))
        .await?;
    let key = all.pointer("/items/0/key").and_then(Value::as_str);
    Ok(key.map(str::to_owned))
}

/// A dirty list, taken in.
async fn import(client: &Client) -> Result<Option<String>> {
    let name = "clientes_latin1_punto_y_coma.csv";
    let Some(file) = testdata(&format!("customers/{name}")) else {
        return Ok(None);
    };
    let to = format!("{}?name={name}", path::IMPORTS);
    let list: Import = client
        .send(reqwest::Method::POST, &to, "text/csv", std::fs::read(file)?)
        .await?;
    let ask = ImportPlan {
        customer_type: "person".into(),
        format: list.format.clone(),
        mapping: Vec::new(),
        match_by: Vec::new(),
        on_match: "skip".into(),
        formulas: "reject".into(),
    };
    let at = |template: &str| path::fill(template, &[&list.id.to_string()]);
    let preview: Preview = client.post(&at(path::IMPORT_PREVIEW), &ask).await?;
    let _: Import = client.put(&at(path::IMPORT_PLAN), &preview.plan).await?;
    let _: Import = client.post(&at(path::IMPORT_START), &json!({})).await?;
    eventually("the list to be in", Duration::from_secs(180), || async {
        let now: Import = client.get(&at(path::IMPORT)).await?;
        Ok(matches!(now.state.as_str(), "done" | "failed").then_some(()))
    })
    .await?;
    Ok(Some(list.id.to_string()))
}
