//! The desktop's window itself: what no other test can see. The journeys in it are in `journeys_*.rs`.

use anyhow::Result;
use journeys::{Desktop, Place};

#[tokio::test]
async fn the_first_window_asks_who_one_is() -> Result<()> {
    let place = Place::new("window")?;
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
    println!("{}", page.text().await?);
    page.picture("desktop-sign-in").await?;
    assert_eq!(page.refused_by_policy().await?, Vec::<String>::new());
    window.close().await
}
