//! Long lists on the screen: the customers asked about column by column, and the report of a list of which much was refused,
//! read on part by part. In a real browser, on both databases.

use std::{fmt::Write as _, fs, time::Duration};

use anyhow::{Context, Result, ensure};
use api::path;
use journeys::{Browser, Database, Options, Page, Place, Service, eventually};
use serde_json::{Value, json};
use thirtyfour::Key;

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const PATIENCE: Duration = Duration::from_secs(20);
const CLIENTS: usize = 130;

/// Everybody has a city and a balance; of the second half the check digit is wrong.
fn list() -> Result<String> {
    let mut text =
        "Nombre y apellido;CUIT/CUIL;Correo electrónico;Ciudad;Saldo cuenta\n".to_owned();
    for at in 0..2 * CLIENTS {
        let number = format!("20{:08}", 41_000_000 + at);
        let digit = check_digit(&number);
        let digit = if at < CLIENTS {
            digit
        } else {
            (digit + 1) % 10
        };
        let city = if at % 3 == 0 { "Córdoba" } else { "Salta" };
        writeln!(
            text,
            "Aráoz {at:03};{number}{digit};araoz{at}@example.com;{city};{at},50"
        )?;
    }
    Ok(text)
}

/// Of a CUIT, by the weights that the tax office publishes; 9 stands where that would be 10, as for nobody here.
fn check_digit(number: &str) -> u32 {
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = number
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    match 11 - sum % 11 {
        11 => 0,
        10 => 9,
        digit => digit,
    }
}

#[tokio::test]
async fn long_lists_are_filtered_and_read_on_part_by_part() -> Result<()> {
    let place = Place::new("long-lists")?;
    let file = place.folder("lists")?.join("araoz.csv");
    fs::write(&file, list()?)?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::demo())?;
        let admin = service.client()?.sign_in("admin", PASSWORD).await?;
        let browser = Browser::open(&place, &format!("{name}-admin"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("admin", PASSWORD).await?;
        taken_in(page, &name, file.to_str().context("a path of letters")?).await?;
        filtered(page, &admin, &name).await?;
        browser.close().await?;
    }
    Ok(())
}

async fn taken_in(page: &Page, name: &str, file: &str) -> Result<()> {
    page.route("/import").await?;
    page.id("import-file").await?.send_keys(file).await?;
    page.press_id("import-start").await?;
    eventually("the list to be in", PATIENCE, || async {
        let rejected = page.id("import-rejected").await?.text().await?;
        Ok((rejected.parse::<usize>().ok() >= Some(CLIENTS)).then_some(()))
    })
    .await?;
    // Fifty stand there; each press brings the next, and what stood there stays.
    for wanted in [50, 100] {
        rows(page, wanted).await?;
        page.press_id("import-rejects-more").await?;
    }
    let all = page.id("import-rejected").await?.text().await?.parse()?;
    rows(page, all).await?;
    page.picture(&format!("lists-{name}-1-rejects")).await?;
    let more = page
        .run("return !!document.getElementById('import-rejects-more')")
        .await?;
    ensure!(more == json!(false), "there is more than all of it");
    Ok(())
}

/// Waits until the report has so many lines.
async fn rows(page: &Page, wanted: usize) -> Result<()> {
    let script = "return document.querySelectorAll('.import-result tbody tr').length";
    eventually(&format!("{wanted} lines"), PATIENCE, || async {
        Ok((page.run(script).await? == json!(wanted)).then_some(()))
    })
    .await
}

async fn filtered(page: &Page, admin: &journeys::Client, name: &str) -> Result<()> {
    let count = async |filter: Value| -> Result<u64> {
        let ask = json!({"customer_type": "person", "filter": filter, "page": {"limit": 1}});
        let window: Value = admin.post(path::CUSTOMERS_WINDOW, &ask).await?;
        window["total"].as_u64().context("a total")
    };
    let compare = |field: &str, comparison: &str, value: Value| json!({"compare": {"field": field, "comparison": comparison, "value": value}});
    page.route("/customers").await?;
    page.element("//*[@id='customer-type']/option[@value='person']")
        .await?
        .click()
        .await?;

    // By name, without its accent, from the keyboard alone.
    add(page, "Nombre").await?;
    page.keys("araoz").await?;
    page.keys(Key::Enter + "").await?;
    let named = compare("name", "contains", json!({"text": "araoz"}));
    let all = count(named.clone()).await?;
    ensure!((100..=CLIENTS as u64).contains(&all), "{all} are there");
    total(page, all).await?;

    // And by a range of an amount, typed as it is written here.
    add(page, "Saldo cuenta").await?;
    page.keys("10,5").await?;
    page.keys(Key::Tab + "").await?;
    page.keys("29,50").await?;
    page.keys(Key::Enter + "").await?;
    let some = count(json!({"all": [
        named,
        compare("fields.balance", "greater_or_equal", json!({"number": "10.5"})),
        compare("fields.balance", "less_or_equal", json!({"number": "29.5"})),
    ]}))
    .await?;
    ensure!((1..=20).contains(&some), "{some} are between");
    total(page, some).await?;
    page.shows("10,5 – 29,5").await?;

    // What is no day stays in its field, with a sentence, and can be written anew at once.
    add(page, "Fecha de nacimiento").await?;
    page.keys("31/31").await?;
    page.keys(Key::Enter + "").await?;
    page.shows("No es una fecha").await?;
    page.keys(Key::Escape + "").await?;
    page.hides("No es una fecha").await?;
    total(page, some).await?;

    // Other text as it is written.
    add(page, "Ciudad").await?;
    page.keys("Córdoba").await?;
    page.keys(Key::Enter + "").await?;
    eventually("those of one city", PATIENCE, || async {
        let few = shown(page).await?;
        Ok((few > 0 && few < some).then_some(()))
    })
    .await?;
    page.picture(&format!("lists-{name}-2-filtered")).await?;
    let of_city = shown(page).await?;

    // What is typed in the search box is looked for among them.
    page.write(&page.id("customer-search").await?, "araoz 01")
        .await?;
    eventually("fewer of them", PATIENCE, || async {
        let few = shown(page).await?;
        Ok((few > 0 && few < of_city).then_some(()))
    })
    .await?;
    page.write(&page.id("customer-search").await?, "yesica")
        .await?;
    page.shows("Nada cumple estos filtros").await?;
    page.picture(&format!("lists-{name}-3-nothing")).await?;
    page.write(&page.id("customer-search").await?, "").await?;
    total(page, of_city).await?;

    // They stand when one comes back, and go one by one or all together.
    page.route("/inbox").await?;
    page.route("/customers").await?;
    total(page, of_city).await?;
    page.press("Quitar el filtro Ciudad").await?;
    total(page, some).await?;
    page.press("Quitar filtros").await?;
    page.hides("Quitar filtros").await?;
    let everybody = count(json!({"all": []})).await?;
    total(page, everybody).await
}

/// Opens the condition on a column by keyboard: the button, its menu by first letters, Enter.
async fn add(page: &Page, column: &str) -> Result<()> {
    page.press_id("customers-person-filter").await?;
    page.element(&format!(
        "//*[@role='menuitemradio'][normalize-space(.)='{column}']"
    ))
    .await?
    .click()
    .await?;
    eventually("a field to write into", PATIENCE, || async {
        let inside = "return !!document.activeElement.closest('.grid-filter-control')";
        Ok((page.run(inside).await? == json!(true)).then_some(()))
    })
    .await
}

/// How many rows the list says it has.
async fn shown(page: &Page) -> Result<u64> {
    let text = page
        .element("//*[contains(@class, 'grid-foot')]//*[@role='status']")
        .await?
        .text()
        .await?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse().unwrap_or_default())
}

async fn total(page: &Page, wanted: u64) -> Result<()> {
    eventually(&format!("{wanted} rows"), PATIENCE, || async {
        Ok((shown(page).await? == wanted).then_some(()))
    })
    .await
}
