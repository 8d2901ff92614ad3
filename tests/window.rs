//! The desktop's window itself: what no other test can see. The journeys in it are in `journeys_*.rs`.

use std::time::Duration;

use anyhow::{Context, Result};
use api::session::{DemoUser, Welcome};
use journeys::{Database, Desktop, Options, Page, Place, Service, eventually};
use serde_json::{Value, json};

/// Calls a command of the shell as the page does.
async fn invoke(page: &Page, command: &str, arguments: Value) -> Result<Result<Value, Value>> {
    page.promised(&format!(
        "window.__TAURI_INTERNALS__.invoke({}, {arguments})",
        json!(command)
    ))
    .await
}

async fn demo_user(service: &Service) -> Result<DemoUser> {
    let welcome: Welcome = service.client()?.get(api::path::WELCOME).await?;
    welcome
        .demo_users
        .into_iter()
        .next()
        .context("the demo world has no users")
}

#[tokio::test]
async fn the_first_window_opens_on_its_own_and_asks_who_one_is() -> Result<()> {
    let place = Place::new("first-window")?;
    let data = place.folder("data")?;
    let desk = Desktop::new(&place, "desk")?;
    let window = desk
        .open(&[
            ("ENGAGE_DATA_DIR", &data.display().to_string()),
            ("ENGAGE_DEMO", "true"),
        ])
        .await?;
    let page = window.page();
    page.watch_policy().await?;
    page.id("sign-in-button").await?;
    page.picture("desktop-sign-in").await?;

    // The service runs in the application: it answers, and no port is open for anybody else.
    let answer = invoke(
        page,
        "call",
        json!({"request": {"method": "GET", "path": api::path::WELCOME}}),
    )
    .await?
    .map_err(|refused| anyhow::anyhow!("refused: {refused}"))?;
    assert_eq!(answer["status"], 200);
    let state = invoke(page, "session_state", json!({})).await?;
    assert_eq!(
        state,
        Ok(json!({"signed_in": false, "kept": "keyring", "embedded": true}))
    );
    assert_eq!(page.refused_by_policy().await?, Vec::<String>::new());
    window.close().await
}

#[tokio::test]
async fn the_session_outlives_the_window_and_the_page_never_holds_it() -> Result<()> {
    let place = Place::new("session")?;
    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    let user = demo_user(&service).await?;
    let address = service.address();
    let server = [("ENGAGE_SERVER", address.as_str())];
    let desk = Desktop::new(&place, "desk")?;

    let window = desk.open(&server).await?;
    window.page().sign_in(&user.login, &user.password).await?;
    let kept = window
        .page()
        .run(
            "return JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, \
             document.documentElement.outerHTML])",
        )
        .await?;
    let kept = kept.as_str().unwrap_or_default();
    assert!(!kept.contains("Bearer"), "{kept}");
    assert!(
        !kept.contains(&address),
        "the page knows the service's address"
    );
    window.close().await?;

    let window = desk.open(&server).await?;
    window.page().id("person-menu").await?;
    window.page().picture("desktop-signed-in-again").await?;
    window.close().await
}

#[tokio::test]
async fn without_a_keyring_the_session_ends_with_the_window() -> Result<()> {
    let place = Place::new("no-keyring")?;
    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    let user = demo_user(&service).await?;
    let address = service.address();
    let server = [("ENGAGE_SERVER", address.as_str())];
    let desk = Desktop::without_keyring(&place, "desk")?;

    let window = desk.open(&server).await?;
    window.page().sign_in(&user.login, &user.password).await?;
    let state = invoke(window.page(), "session_state", json!({})).await?;
    assert_eq!(
        state,
        Ok(json!({"signed_in": true, "kept": "memory", "embedded": false}))
    );
    // And the person is told.
    window.page().id("session-fleeting").await?;
    window.close().await?;

    let window = desk.open(&server).await?;
    window.page().id("sign-in-button").await?;
    window.close().await
}

#[tokio::test]
async fn a_link_reaches_the_window_that_is_open() -> Result<()> {
    let place = Place::new("link")?;
    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    let user = demo_user(&service).await?;
    let address = service.address();
    let server = [("ENGAGE_SERVER", address.as_str())];
    let desk = Desktop::new(&place, "desk")?;
    let window = desk.open(&server).await?;
    let page = window.page();
    page.sign_in(&user.login, &user.password).await?;

    let id = "01890000-0000-7000-8000-000000000000";
    let second = desk.start(&[&format!("engage://customer/{id}")], &server)?;
    assert!(second.success(), "the second start ended with {second}");
    eventually("the link's route", Duration::from_secs(10), || async {
        let path = page.run("return location.pathname").await?;
        Ok((path == format!("/customers/{id}")).then_some(()))
    })
    .await?;
    window.close().await
}

#[tokio::test]
async fn the_page_can_do_what_it_is_granted_and_nothing_else() -> Result<()> {
    let place = Place::new("granted")?;
    let data = place.folder("data")?;
    let desk = Desktop::new(&place, "desk")?;
    let window = desk
        .open(&[("ENGAGE_DATA_DIR", &data.display().to_string())])
        .await?;
    let page = window.page();
    for (command, arguments) in [
        // The shell's own plugins are the shell's alone.
        ("plugin:dialog|open", json!({"options": {}})),
        (
            "plugin:opener|open_url",
            json!({"url": "https://elsewhere.example/"}),
        ),
        (
            "plugin:window|set_title",
            json!({"label": "main", "value": "x"}),
        ),
        ("plugin:event|emit", json!({"event": "x", "payload": null})),
        // The door leads to the API only.
        (
            "call",
            json!({"request": {"method": "GET", "path": "/metrics"}}),
        ),
        (
            "call",
            json!({"request": {"method": "GET", "path": "https://elsewhere.example/api/"}}),
        ),
        ("open_link", json!({"url": "file:///etc/passwd"})),
        ("open_window", json!({"kind": "other"})),
    ] {
        let answer = invoke(page, command, arguments.clone()).await?;
        assert!(
            answer.is_err(),
            "{command} {arguments} was allowed: {answer:?}"
        );
    }
    // Nor does a page of somebody else's open in the window.
    page.run("location.href = 'https://elsewhere.example/'")
        .await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let host = page.run("return location.host").await?;
    assert_eq!(host, "localhost");
    window.close().await
}

#[tokio::test]
async fn the_designer_and_the_settings_are_windows_of_their_own() -> Result<()> {
    let place = Place::new("windows")?;
    let data = place.folder("data")?;
    let desk = Desktop::new(&place, "desk")?;
    let window = desk
        .open(&[
            ("ENGAGE_DATA_DIR", &data.display().to_string()),
            ("ENGAGE_DEMO", "true"),
        ])
        .await?;
    let page = window.page();
    page.id("sign-in-button").await?;
    let main = page.driver().window().await?;
    for kind in ["designer", "settings"] {
        let before = page.driver().windows().await?;
        let opened = invoke(page, "open_window", json!({"kind": kind})).await?;
        assert_eq!(opened, Ok(Value::Null));
        let new = eventually("the new window", Duration::from_secs(20), || async {
            let now = page.driver().windows().await?;
            Ok(now.into_iter().find(|handle| !before.contains(handle)))
        })
        .await?;
        // A second wish brings the same window to the front.
        let again = invoke(page, "open_window", json!({"kind": kind})).await?;
        assert_eq!(again, Ok(Value::Null));
        assert_eq!(page.driver().windows().await?.len(), before.len() + 1);

        page.driver().switch_to_window(new).await?;
        eventually("its route", Duration::from_secs(20), || async {
            let path = page.run("return location.pathname").await?;
            Ok((path == format!("/{kind}")).then_some(()))
        })
        .await?;
        page.id("sign-in-button").await?;
        // Its capability names no notifications.
        let refused = invoke(page, "notify", json!({"title": "t", "body": "b"})).await?;
        assert!(refused.is_err(), "{kind} may notify");
        page.driver().switch_to_window(main.clone()).await?;
    }
    window.close().await
}
