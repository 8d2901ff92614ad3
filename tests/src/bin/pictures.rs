//! The README's pictures, of the demo world: `cargo xtask pictures` builds what this needs and starts it with the folder to
//! write to.
#![expect(
    clippy::print_stdout,
    reason = "a program on the command line speaks there"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use journeys::{Browser, Database, Options, Page, Place, Service, testdata};
use tokio::time::sleep;

const PASSWORD: &str = "violeta-lluvia-tren";

/// The page is as large as the small monitor that the design names (what is legible there is legible in the README); above it
/// the browser keeps some lines to itself.
const SIZE: (u32, u32) = (1366, 768 + 143);

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(env::args().nth(1).context("first argument: the folder")?);
    let place = Place::new("pictures")?;
    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    let address = service.address();

    let browser = Browser::open_sized(&place, "agent", &address, SIZE).await?;
    let page = browser.page();
    page.id("sign-in-button").await?;
    keep(page, &folder, "sign-in").await?;
    page.sign_in("agente", PASSWORD).await?;
    page.press_id("rail-customers").await?;
    page.element("//*[@id='customer-type']/option[@value='person']")
        .await?
        .click()
        .await?;
    page.element("//*[@role='row'][.//*[@role='gridcell']]")
        .await?;
    page.keys(thirtyfour::Key::Control + "k").await?;
    let input = page.id("palette-input").await?;
    page.write(&input, "gonz").await?;
    page.element("//*[@id='command-palette']//*[@role='option']")
        .await?;
    keep(page, &folder, "search").await?;
    page.keys(thirtyfour::Key::Enter + "").await?;
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
    page.keys(thirtyfour::Key::Tab + "").await?;
    page.tick("field-consent").await?;
    keep(page, &folder, "work").await?;
    browser.close().await?;

    let browser = Browser::open_sized(&place, "designer", &address, SIZE).await?;
    let page = browser.page();
    page.sign_in("disenadora", PASSWORD).await?;
    page.route("/designer/process/credit_card").await?;
    page.press_id("element-assess").await?;
    keep(page, &folder, "designer").await?;
    browser.close().await?;

    let browser = Browser::open_sized(&place, "admin", &address, SIZE).await?;
    let page = browser.page();
    page.sign_in("admin", PASSWORD).await?;
    if let Some(file) = testdata("customers/clientes_latin1_punto_y_coma.csv") {
        page.route("/import").await?;
        give(page, "import-file", &file).await?;
        page.id("import-start").await?;
        keep(page, &folder, "import").await?;
    }
    browser.close().await
}

/// Hands a file to a field of the page that takes one.
async fn give(page: &Page, field: &str, file: &Path) -> Result<()> {
    let input = page.id(field).await?;
    input
        .send_keys(file.to_str().context("a path of letters")?)
        .await?;
    Ok(())
}

/// Takes a picture once nothing moves any more, with as many colours as a screen of ours has.
async fn keep(page: &Page, folder: &Path, name: &str) -> Result<()> {
    let mut before = String::new();
    for _ in 0..40 {
        sleep(Duration::from_millis(200)).await;
        let now = page
            .run("return document.fonts.status + document.body.innerHTML.length + !!document.querySelector('.toast')")
            .await?
            .to_string();
        if now == before && now.contains("loaded") && now.contains("false") {
            break;
        }
        before = now;
    }
    let taken = page.picture(&format!("picture-{name}")).await?;
    let file = folder.join(format!("{name}.png"));
    let done = Command::new("convert")
        .arg(&taken)
        .args(["-strip", "+dither", "-colors", "192"])
        .args(["-define", "png:compression-level=9"])
        .arg(&file)
        .status()
        .context("cannot start convert (imagemagick)")?;
    ensure!(done.success(), "convert: {done}");
    println!(
        "{}  {} kB",
        file.display(),
        fs::metadata(&file)?.len() / 1000
    );
    Ok(())
}
