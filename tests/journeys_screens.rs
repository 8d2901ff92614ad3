//! What stands at the edges of the work, on the screen: the first start of an empty house, a list taken in and taken back,
//! a session that ends while somebody is writing. In a real browser, on both databases.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use api::path;
use journeys::{Browser, Client, Database, Options, Page, Place, Service, eventually};
use serde_json::{Value, json};

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const PATIENCE: Duration = Duration::from_secs(20);

/// Three good rows, and one whose check digit is wrong.
const LIST: &str = "Nombre y apellido;CUIT/CUIL;Correo electrónico\n\
    Ñusta Quiroga;20-41000001-7;nusta@example.com\n\
    Ámbar Quiroga;27-41000002-9;ambar@example.com\n\
    Ítalo Quiroga;20-41000003-4;italo@example.com\n\
    Óscar Quiroga;27-41000004-6;oscar@example.com\n";

#[tokio::test]
async fn an_empty_house_asks_for_the_administrators_password_first() -> Result<()> {
    let place = Place::new("first-start")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::default())?;
        let browser = Browser::open(&place, &format!("{name}-first"), &service.address()).await?;
        let page = browser.page();
        page.id("first-start").await?;
        page.picture(&format!("screens-{name}-1-first-start"))
            .await?;
        // Too short, then not the same twice: said at the field, and nothing is sent.
        for (first, second, wrong) in [
            ("corta", "corta", "new-password"),
            ("una-frase-bien-larga", "otra-frase", "repeat-password"),
        ] {
            page.write(&page.id("new-password").await?, first).await?;
            page.write(&page.id("repeat-password").await?, second)
                .await?;
            page.press_id("set-up-button").await?;
            page.element(&format!("//*[@id='{wrong}'][@aria-invalid='true']"))
                .await?;
        }
        let own = "una-frase-bien-larga";
        page.write(&page.id("repeat-password").await?, own).await?;
        page.press_id("set-up-button").await?;
        page.id("person-menu").await?;
        browser.close().await?;

        // From now on that is the administrator's password, and nobody is asked for a first one again.
        let browser = Browser::open(&place, &format!("{name}-again"), &service.address()).await?;
        browser.page().sign_in("admin", own).await?;
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_list_is_taken_in_and_taken_back_on_the_screen() -> Result<()> {
    let place = Place::new("list-on-screen")?;
    let file = place.folder("lists")?.join("quiroga.csv");
    fs::write(&file, LIST)?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::demo())?;
        let client = service.client()?.sign_in("admin", PASSWORD).await?;
        let browser = Browser::open(&place, &format!("{name}-admin"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("admin", PASSWORD).await?;
        page.route("/import").await?;
        let input = page.id("import-file").await?;
        input
            .send_keys(file.to_str().context("a path of letters")?)
            .await?;

        // As it was detected; a wrong delimiter makes one column of it, the right one three again.
        columns(page, 3).await?;
        delimiter(page, ",").await?;
        columns(page, 1).await?;
        delimiter(page, ";").await?;
        columns(page, 3).await?;
        page.shows("Ñusta Quiroga").await?;
        page.picture(&format!("screens-{name}-2-plan")).await?;

        page.press_id("import-start").await?;
        page.shows_in("import-created", "3").await?;
        page.shows_in("import-rejected", "1").await?;
        // Which row, which column, and why.
        let line = page
            .element("//*[@role='row' or self::tr][contains(., '20-41000003-4')]")
            .await?
            .text()
            .await?;
        ensure!(
            line.contains('4') && line.contains("CUIT/CUIL"),
            "the rejected row reads {line:?}"
        );
        page.picture(&format!("screens-{name}-3-result")).await?;
        ensure!(found(&client).await? == 3, "not three are found");

        // As a whole back out again.
        page.press_id("import-undo").await?;
        page.press_id("import-undo-confirm").await?;
        eventually("the list to be undone", PATIENCE, || async {
            Ok((found(&client).await? == 0).then_some(()))
        })
        .await?;
        page.hides("import-undo-confirm").await?;
        page.picture(&format!("screens-{name}-4-undone")).await?;
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_ends_while_one_writes_loses_nothing() -> Result<()> {
    let place = Place::new("session-ends")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::demo())?;
        let admin = service.client()?.sign_in("admin", PASSWORD).await?;
        let browser = Browser::open(&place, &format!("{name}-agent"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("agente", PASSWORD).await?;
        let customer = one(&admin, "yesica").await?;
        page.route(&format!("/customers/{customer}")).await?;
        page.press_id("start-process").await?;
        page.press_id("start-credit_card").await?;
        page.id("attend").await?;
        page.element(
            "//select[@id='field-card']/option[@value='gold'] | //*[@id='field-card']//label[2]",
        )
        .await?
        .click()
        .await?;
        page.write(&page.id("field-income").await?, "900000")
            .await?;
        page.tick("field-consent").await?;

        let users: Value = admin.get(&format!("{}?q=agente", path::USERS)).await?;
        let user = users["items"][0]["id"].as_str().context("a user")?;
        admin
            .delete(&path::fill(path::USER_SESSIONS, &[user]))
            .await?;
        page.press_id("outcome-complete").await?;
        page.id("sign-in-again").await?;
        page.picture(&format!("screens-{name}-5-again")).await?;
        // What was typed stands under the dialog, untouched; signed in again, the outcome goes its way by itself.
        let income = page
            .run("return document.getElementById('field-income').value")
            .await?;
        ensure!(
            income
                .as_str()
                .is_some_and(|text| text.replace(['.', ' '], "").starts_with("900000")),
            "the form has {income}"
        );
        page.write(&page.id("password-again").await?, PASSWORD)
            .await?;
        page.press_id("sign-in-again-button").await?;
        let told = eventually("the closed activity", PATIENCE, || async {
            let history: Value = admin
                .get(&path::fill(path::CUSTOMER_HISTORY, &[&customer]))
                .await?;
            let lines = history["items"].as_array().cloned().unwrap_or_default();
            Ok(lines.into_iter().find(|line| line["outcome"].is_string()))
        })
        .await?;
        ensure!(
            told["who"] == "Paula Lamas" && told["outcome"] == "Solicitud completa",
            "{told}"
        );
        browser.close().await?;
    }
    Ok(())
}

/// Waits until the sample has so many columns.
async fn columns(page: &Page, wanted: usize) -> Result<()> {
    let (there, gone) = (format!("map-{}", wanted - 1), format!("map-{wanted}"));
    let script = format!(
        "return !!document.getElementById('{there}') && !document.getElementById('{gone}')"
    );
    eventually(&format!("{wanted} columns"), PATIENCE, || async {
        Ok((page.run(&script).await? == json!(true)).then_some(()))
    })
    .await
}

async fn delimiter(page: &Page, mark: &str) -> Result<()> {
    page.element(&format!(
        "//*[@id='import-delimiter']/option[@value='{mark}']"
    ))
    .await?
    .click()
    .await?;
    Ok(())
}

/// How many of the list there are.
async fn found(client: &Client) -> Result<usize> {
    let lines = client.suggest("quiroga").await?;
    Ok(lines
        .iter()
        .filter(|line| line.name.ends_with("Quiroga"))
        .count())
}

async fn one(client: &Client, text: &str) -> Result<String> {
    let lines = client.suggest(text).await?;
    let line = lines.first().context("nobody is found")?;
    Ok(line.id.to_string())
}
