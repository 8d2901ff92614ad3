//! Pictures of the kit and of every screen: Spanish and English, light and dark, on the small and the large monitor that
//! the design names. `cargo xtask gallery` builds what this needs and starts it.
#![expect(
    clippy::print_stdout,
    reason = "a program on the command line speaks there"
)]

use std::time::Duration;

use anyhow::{Context, Result};
use api::session::Welcome;
use journeys::{Browser, Database, Options, Page, Place, Service};
use tokio::time::sleep;

/// Name of the picture, route, and whether somebody must be signed in.
const SCREENS: &[(&str, &str, bool)] = &[
    ("kit", "/gallery", false),
    ("sign-in", "/", false),
    ("inbox", "/inbox", true),
    ("customers", "/customers", true),
    ("designer", "/designer", true),
    ("settings", "/settings", true),
];

const SIZES: &[(u32, u32)] = &[(1366, 768), (1920, 1080)];

#[tokio::main]
async fn main() -> Result<()> {
    let place = Place::new("gallery")?;
    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    let welcome: Welcome = service.client()?.get(api::path::WELCOME).await?;
    let user = welcome
        .demo_users
        .first()
        .context("the demo world has no users")?;

    for &(width, height) in SIZES {
        let browser = Browser::open_sized(
            &place,
            &format!("browser-{width}"),
            &service.address(),
            (width, height),
        )
        .await?;
        let page = browser.page();
        for signed_in in [false, true] {
            if signed_in {
                sign_in(page, &user.login, &user.password).await?;
            }
            for (name, route, _) in SCREENS.iter().filter(|(.., inside)| *inside == signed_in) {
                for language in ["es", "en"] {
                    for theme in ["light", "dark"] {
                        wear(page, language, theme).await?;
                        page.driver()
                            .goto(format!("{}{route}", service.address()))
                            .await?;
                        settle(page).await?;
                        let file = page
                            .picture(&format!("{name}-{language}-{theme}-{width}"))
                            .await?;
                        println!("{}", file.display());
                    }
                }
            }
        }
        whole_kit(page, &service.address(), width, height).await?;
        browser.close().await?;
    }
    Ok(())
}

/// As the browser signs in: the session is in a cookie that the page cannot read.
async fn sign_in(page: &Page, login: &str, password: &str) -> Result<()> {
    let body = serde_json::to_string(&serde_json::json!({"login": login, "password": password}))?;
    let script = format!(
        "const done = arguments[arguments.length - 1]; \
         fetch('/api/v1/session', {{method: 'POST', body: {}, headers: \
         {{'content-type': 'application/json', 'engage-client': 'web', 'idempotency-key': 'gallery'}}}}) \
         .then(answer => done(answer.status), error => done(String(error)));",
        serde_json::to_string(&body)?
    );
    let status = page.driver().execute_async(script, Vec::new()).await?;
    anyhow::ensure!(
        status.json().as_u64().is_some_and(|status| status < 300),
        "signing in: {}",
        status.json()
    );
    Ok(())
}

/// The preferences that a browser remembers before anybody has signed in.
async fn wear(page: &Page, language: &str, theme: &str) -> Result<()> {
    page.run(&format!(
        "localStorage.setItem('engage.preferences', JSON.stringify({{language: '{language}', theme: '{theme}'}}))"
    ))
    .await
    .map(drop)
}

/// Until the fonts are there and nothing has changed for a moment.
async fn settle(page: &Page) -> Result<()> {
    let mut before = String::new();
    for _ in 0..40 {
        sleep(Duration::from_millis(150)).await;
        let now = page
            .run("return document.fonts.status + document.body.innerHTML.length")
            .await?;
        let now = now.to_string();
        if now == before && now.contains("loaded") {
            return Ok(());
        }
        before = now;
    }
    Ok(())
}

/// The kit is longer than any monitor: once from top to bottom.
async fn whole_kit(page: &Page, address: &str, width: u32, height: u32) -> Result<()> {
    page.driver().goto(format!("{address}/gallery")).await?;
    settle(page).await?;
    let length = page
        .run("return Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))")
        .await?;
    let length = length
        .as_u64()
        .unwrap_or(0)
        .clamp(u64::from(height), 12_000);
    page.driver()
        .set_window_rect(0, 0, width, u32::try_from(length)? + 120)
        .await?;
    settle(page).await?;
    let file = page.picture(&format!("kit-whole-{width}")).await?;
    println!("{}", file.display());
    Ok(())
}
