//! The Settings window: an administrator draws a unit, moves it, adds a user with a role, and forbids one field; the other
//! user's open screen loses that field at once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::engine::{Deputy, Skill};
use api::path;
use journeys::{Browser, Client, Database, Desktop, Options, Page, Place, Service, eventually};
use serde_json::{Value, json};
use thirtyfour::Key;

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const FIRST: &str = "el tren sale a las ocho";
const OWN: &str = "nueve pinos junto al agua";

#[tokio::test]
async fn a_field_that_is_forbidden_leaves_the_others_open_screen() -> Result<()> {
    let place = Place::new("settings")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let node = format!("{name}-service");
        let service = Service::start(&place, &node, &database, &Options::demo())?;
        let admin = Browser::open(&place, &format!("{name}-admin"), &service.address()).await?;
        let settings = admin.page();
        settings.sign_in("admin", PASSWORD).await?;
        settings.press_id("rail-settings").await?;
        story(&place, &service, &name, settings, Chosen::Pressed).await?;
        admin.close().await?;
    }
    Ok(())
}

/// The same in the desktop's own Settings window, by what WebKit makes of it.
#[tokio::test]
async fn the_settings_window_of_the_desktop_does_the_same() -> Result<()> {
    let place = Place::new("settings-window")?;
    let service = Service::start(&place, "node", &Database::file(&place), &Options::demo())?;
    let desk = Desktop::new(&place, "desk")?;
    let address = service.address();
    let window = desk.open(&[("ENGAGE_SERVER", address.as_str())]).await?;
    let page = window.page();
    page.sign_in("admin", PASSWORD).await?;
    let before = page.driver().windows().await?;
    let opened = page
        .promised("window.__TAURI_INTERNALS__.invoke('open_window', {kind: 'settings'})")
        .await?;
    ensure!(opened.is_ok(), "{opened:?}");
    let settings = eventually("the Settings window", PATIENCE, || async {
        let now = page.driver().windows().await?;
        Ok(now.into_iter().find(|handle| !before.contains(handle)))
    })
    .await?;
    page.driver().switch_to_window(settings).await?;
    story(&place, &service, "desktop", page, Chosen::Focused).await?;
    window.close().await
}

/// Somebody of a help desk, who may change users and give the role of agents: what the service would refuse the Settings
/// window does not offer.
#[tokio::test]
async fn what_would_be_refused_is_not_offered_screen() -> Result<()> {
    let place = Place::new("settings-help")?;
    let service = Service::start(&place, "node", &Database::file(&place), &Options::demo())?;
    let client = service.client()?.sign_in("admin", PASSWORD).await?;
    let agent =
        json!({"compare": {"field": "key", "comparison": "equal", "value": {"text": "agent"}}});
    let role = json!({"key": "help", "name": "Mesa de ayuda", "description": "", "grants": [
        {"target": {"entity": "user"}, "verbs": ["read", "change"]},
        {"target": {"entity": "role"}, "verbs": ["read"]},
        {"target": {"entity": "role"}, "verbs": ["change"], "condition": agent},
        {"target": {"field": {"entity": "role", "field": "*"}}, "verbs": ["change"], "effect": "deny"},
    ]});
    let _: Value = client.post(path::ROLES, &role).await?;
    for (login, roles) in [("ayuda", "help"), ("rosario", "agent")] {
        let user = json!({"login": login, "name": login, "password": FIRST, "roles": [roles]});
        let _: Value = client.post(path::USERS, &user).await?;
    }
    let helper = service.client()?.sign_in("ayuda", FIRST).await?;
    let _: Value = helper
        .put(path::PASSWORD, &json!({ "current": FIRST, "new": OWN }))
        .await?;
    let browser = Browser::open(&place, "help", &service.address()).await?;
    let page = browser.page();
    page.sign_in("ayuda", OWN).await?;
    page.press_id("rail-settings").await?;
    for (login, offered) in [("rosario", true), ("admin", false)] {
        let user = user_id(&client, login).await?;
        page.route(&format!("/settings/users/{user}")).await?;
        page.shows_in("user-name", if offered { "rosario" } else { "Ana Robles" })
            .await?;
        page.id("user-save").await?;
        let there = page
            .run("return document.getElementById('user-password') !== null")
            .await?;
        ensure!(there == json!(offered), "{login}: {there}");
        page.picture(&format!("settings-help-{login}")).await?;
    }
    browser.close().await
}

/// How a cell of the matrix is come to.
#[derive(Clone, Copy)]
enum Chosen {
    Pressed,
    /// As a screen reader does it. WebKitWebDriver refuses to press the cell: "element not interactable".
    Focused,
}

async fn story(
    place: &Place,
    service: &Service,
    name: &str,
    settings: &Page,
    chosen: Chosen,
) -> Result<()> {
    let picture = |step: &str| format!("settings-{name}-{step}");

    // Two units are drawn, and the second is moved below the first.
    settings.press_id("section-organisation").await?;
    let client = service.client()?.sign_in("admin", PASSWORD).await?;
    for unit in ["Zona Norte", "Sucursal Pilar"] {
        settings.press_id("unit-new-top").await?;
        settings
            .write(&settings.id("unit-new-name").await?, unit)
            .await?;
        settings.press_id("unit-make").await?;
        settings.shows(unit).await?;
    }
    settings.picture(&picture("1-units")).await?;
    let (zone, branch) = (
        unit_id(&client, "Zona Norte").await?,
        unit_id(&client, "Sucursal Pilar").await?,
    );
    // By keys: Ctrl+X takes the branch up, Ctrl+V puts it where the focus is.
    settings.press_id(&format!("unit-{branch}")).await?;
    settings.keys(Key::Control + "x").await?;
    settings.press_id(&format!("unit-{zone}")).await?;
    settings.keys(Key::Control + "v").await?;
    eventually("the unit in its branch", PATIENCE, || async {
        let units = units(&client).await?;
        let moved = units
            .iter()
            .any(|one| one["id"] == branch.as_str() && one["parent"] == zone.as_str());
        Ok(moved.then_some(()))
    })
    .await?;
    settings.picture(&picture("2-moved")).await?;

    // A user of that unit, with a role.
    settings.press_id("section-users").await?;
    settings.press_id("user-new").await?;
    for (field, text) in [
        ("user-field-name", "Rosario Ibáñez"),
        ("user-field-login", "rosario"),
        ("user-field-password", FIRST),
    ] {
        settings.write(&settings.id(field).await?, text).await?;
    }
    pick(settings, "user-field-unit", "Pilar").await?;
    pick(settings, "user-field-roles", "Agente").await?;
    settings.picture(&picture("3-new-user")).await?;
    settings.press_id("user-save").await?;
    settings.id("user-deactivate").await?;
    settings.picture(&picture("4-user")).await?;

    at_work(settings, &client).await?;
    settings.picture(&picture("4-work")).await?;

    // Rosario chooses her own password and opens a customer.
    let rosario = Browser::open(place, &format!("{name}-rosario"), &service.address()).await?;
    let desk = rosario.page();
    let hers = service.client()?.sign_in("rosario", FIRST).await?;
    let _: Value = hers
        .put(path::PASSWORD, &json!({ "current": FIRST, "new": OWN }))
        .await?;
    desk.sign_in("rosario", OWN).await?;
    let (customer, mail) = customer_with_mail(&client).await?;
    desk.route(&format!("/customers/{customer}")).await?;
    desk.id("customer-name").await?;
    desk.shows(&mail).await?;
    desk.picture(&picture("5-open-screen")).await?;
    // She sees who stands in for her, and may change it herself.
    desk.press_id("person-menu").await?;
    desk.press("Mi suplente").await?;
    stands_in(desk).await?;
    desk.picture(&picture("5-own-deputy")).await?;
    desk.press_id("deputy-none").await?;
    eventually("no deputy of hers", PATIENCE, || async {
        let none: Option<Deputy> = hers.get(&away(&client, "rosario").await?).await?;
        Ok(none.is_none().then_some(()))
    })
    .await?;
    desk.keys(Key::Escape).await?;

    // The role is forbidden that field: in the matrix, at the fourth depth.
    settings.press_id("section-roles").await?;
    settings.press_id("role-agent").await?;
    settings.press_id("row-e:customer").await?;
    let cell = "cell-e:customer/fields.email-read";
    match chosen {
        Chosen::Pressed => settings.press_id(cell).await?,
        Chosen::Focused => {
            settings.id(cell).await?;
            let focus = format!("document.getElementById({cell:?}).focus()");
            settings.run(&focus).await?;
            settings.focus_comes_to(cell).await?;
        }
    }
    settings.keys("d").await?;
    settings.picture(&picture("6-matrix")).await?;
    settings.press_id("role-save").await?;
    settings.id("role-sure").await?;
    settings.shows("Rosario Ibáñez").await?;
    settings.picture(&picture("7-who-loses-what")).await?;
    settings.press_id("role-sure").await?;
    eventually("the field to leave the open screen", PATIENCE, || async {
        Ok((!desk.text().await?.contains(&mail)).then_some(()))
    })
    .await?;
    desk.picture(&picture("8-field-gone")).await?;
    // Nor does the service give it out any more.
    let hers = service.client()?.sign_in("rosario", OWN).await?;
    let told: Value = hers.get(&path::fill(path::CUSTOMER, &[&customer])).await?;
    assert!(!told.to_string().contains(&mail));

    // Signed out everywhere, from her page.
    let user = user_id(&client, "rosario").await?;
    settings.route(&format!("/settings/users/{user}")).await?;
    settings.press_id("tab-sessions").await?;
    settings.press_id("sessions-end-all").await?;
    settings.press_id("sessions-end-all-sure").await?;
    eventually("no session of hers", PATIENCE, || async {
        let open: Vec<Value> = client
            .get(&path::fill(path::USER_SESSIONS, &[&user]))
            .await?;
        Ok(open.is_empty().then_some(()))
    })
    .await?;
    settings.picture(&picture("9-signed-out")).await?;
    rosario.close().await
}

/// What work finds Rosario by: a skill that nobody had before, and who stands in for her.
async fn at_work(settings: &Page, client: &Client) -> Result<()> {
    settings.press_id("tab-work").await?;
    pick(settings, "skill-new", "inglés").await?;
    settings
        .element("//*[@id='skill-inglés']/option[@value='4']")
        .await?
        .click()
        .await?;
    settings.press_id("skills-save").await?;
    let rosario = user_id(client, "rosario").await?;
    let skills = path::fill(path::USER_SKILLS, &[&rosario]);
    let has = |level: i64| {
        let skills = &skills;
        eventually("the skill", PATIENCE, move || async move {
            let all: Vec<Skill> = client.get(skills).await?;
            let there = all.len() == 1 && all[0].skill == "inglés" && all[0].level == level;
            Ok(there.then_some(()))
        })
    };
    has(4).await?;
    // The window has heard it too.
    eventually("skills that are saved", PATIENCE, || async {
        let at_rest = "const save = document.getElementById('skills-save'); \
                       return save.disabled && !save.hasAttribute('aria-busy')";
        Ok((settings.run(at_rest).await? == true).then_some(()))
    })
    .await?;
    // Another has changed it meanwhile: neither is lost without a word.
    let one = |level: i64| json!([{"skill": "inglés", "level": level}]);
    let _: Value = client
        .put(&skills, &json!({"skills": one(2), "seen": one(4)}))
        .await?;
    settings
        .element("//*[@id='skill-inglés']/option[@value='5']")
        .await?
        .click()
        .await?;
    settings.press_id("skills-save").await?;
    settings.id("conflict-theirs").await?;
    has(2).await?;
    settings.press_id("conflict-mine").await?;
    has(5).await?;
    // Without an end it is not sent.
    pick(settings, "deputy-who", "supervisora").await?;
    settings.press_id("deputy-save").await?;
    settings
        .element("//*[@id='deputy-until'][@aria-invalid='true']")
        .await?;
    settings
        .write(&settings.id("deputy-until").await?, "2099-12-31")
        .await?;
    settings.press_id("deputy-save").await?;
    eventually("the deputy", PATIENCE, || async {
        let set: Option<Deputy> = client.get(&away(client, "rosario").await?).await?;
        Ok(set
            .is_some_and(|set| set.deputy == "supervisora")
            .then_some(()))
    })
    .await?;
    stands_in(settings).await
}

/// Somebody does, until the last day of 2099.
async fn stands_in(page: &Page) -> Result<()> {
    page.element("//*[@id='deputy-standing'][contains(., '2099')]")
        .await
        .map(drop)
}

async fn away(client: &Client, login: &str) -> Result<String> {
    Ok(path::fill(
        path::USER_DEPUTY,
        &[&user_id(client, login).await?],
    ))
}

/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Types into a combobox and takes the first that fits.
async fn pick(page: &Page, field: &str, text: &str) -> Result<()> {
    page.write(&page.id(field).await?, text).await?;
    page.element(&format!("//*[@role='option'][contains(., '{text}')]"))
        .await?
        .click()
        .await?;
    Ok(())
}

async fn units(client: &Client) -> Result<Vec<Value>> {
    let page: Value = client.get(path::UNITS).await?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

async fn unit_id(client: &Client, name: &str) -> Result<String> {
    let units = units(client).await?;
    let found = units.iter().find(|unit| unit["name"] == name);
    let id = found.and_then(|unit| unit["id"].as_str());
    Ok(id.context("no such unit")?.to_owned())
}

async fn user_id(client: &Client, login: &str) -> Result<String> {
    let page: Value = client.get(&format!("{}?q={login}", path::USERS)).await?;
    let id = page["items"][0]["id"].as_str();
    Ok(id.context("no such user")?.to_owned())
}

/// A customer of the demo world who has an e-mail address.
async fn customer_with_mail(client: &Client) -> Result<(String, String)> {
    let ask = json!({ "customer_type": "person", "fields": ["email"], "page": { "limit": 50 } });
    let page: Value = client.post(path::CUSTOMERS_SEARCH, &ask).await?;
    page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|line| {
            let mail = line["fields"]["email"].as_str()?;
            Some((line["id"].as_str()?.to_owned(), mail.to_owned()))
        })
        .context("no customer with a mail")
}
