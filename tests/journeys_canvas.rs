//! A designer takes a process that another tool drew, adds an activity to it on the canvas by keyboard, binds it and publishes;
//! an agent starts the process and attends the new activity. In a real browser.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use journeys::{Browser, Database, Options, Page, Place, Service, eventually, testdata};

const PASSWORD: &str = "violeta-lluvia-tren";
const HOME: &str = "\u{E011}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const DOWN: &str = "\u{E015}";
const RIGHT: &str = "\u{E014}";
/// Of the demo world; its agent is in it.
const GROUP: &str = "Centro de contacto";

#[tokio::test]
async fn an_activity_is_added_to_an_imported_process_by_keyboard_and_attended() -> Result<()> {
    let Some(file) = testdata("bpmn-miwg/C.1.0.bpmn").and_then(|file| file.canonicalize().ok())
    else {
        eprintln!("skipped: no data");
        return Ok(());
    };
    let place = Place::new("canvas")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        story(&place, &database, &file).await?;
    }
    Ok(())
}

async fn story(place: &Place, database: &Database, file: &Path) -> Result<()> {
    let node = database.name().to_lowercase();
    let service = Service::start(place, &node, database, &Options::demo())?;
    let desk = format!("{node}-designer");
    let browser = Browser::open_sized(place, &desk, &service.address(), (1600, 900)).await?;
    let page = browser.page();
    page.sign_in("disenadora", PASSWORD).await?;
    page.route("/designer").await?;
    page.press_id("designer-import").await?;
    let input = page.id("designer-file").await?;
    input
        .send_keys(file.to_str().context("a path of letters")?)
        .await?;

    // As it was drawn: every shape and line of the file.
    page.id("canvas").await?;
    let drawn = std::fs::read_to_string(file)?;
    let wanted =
        drawn.matches("<bpmndi:BPMNShape").count() + drawn.matches("<bpmndi:BPMNEdge").count();
    let seen = eventually("the whole drawing", Duration::from_secs(20), || async {
        let count = page
            .run("return document.querySelectorAll('.bpmn-shape, .bpmn-edge').length")
            .await?;
        let count = usize::try_from(count.as_u64().unwrap_or(0))?;
        Ok((count > 0).then_some(count))
    })
    .await?;
    ensure!(
        wanted > 40 && seen == wanted,
        "{seen} of {wanted} are drawn"
    );
    page.picture("canvas-1-imported").await?;

    // By keyboard: to the start of the second pool, an activity after it, its name.
    page.run("document.getElementById('canvas').focus()")
        .await?;
    page.keys(HOME).await?;
    walk(page, "StartEvent_1").await?;
    // The file's process begins by a message; agents begin it by hand: its start becomes a plain one.
    page.keys("t").await?;
    page.id("chooser-search").await?;
    page.keys(ENTER).await?;
    eventually("a plain start", Duration::from_secs(10), || async {
        let name = page
            .run("return document.getElementById('element-StartEvent_1')?.getAttribute('aria-label')")
            .await?;
        Ok(name
            .as_str()
            .is_some_and(|name| !name.contains("mensaje"))
            .then_some(()))
    })
    .await?;
    page.run("document.getElementById('canvas').focus()")
        .await?;
    page.keys("a").await?;
    page.id("chooser-search").await?;
    page.keys("userTask").await?;
    page.keys(ENTER).await?;
    page.id("canvas-naming").await?;
    page.keys("Revisar la factura").await?;
    page.keys(ENTER).await?;
    page.id("element-Activity_1").await?;
    page.picture("canvas-2-added").await?;

    // On to the activity that came first until now, by `C` and arrows.
    page.keys("c").await?;
    aim(page, "assignApprover").await?;
    page.keys(ENTER).await?;
    eventually("the new flow", Duration::from_secs(10), || async {
        let text = page
            .run("return document.getElementById('canvas-said').innerText")
            .await?;
        Ok(text
            .as_str()
            .is_some_and(|text| text.contains("Lleva a Trámite de personas: Assign Approver"))
            .then_some(()))
    })
    .await?;
    page.picture("canvas-3-connected").await?;

    // Everything that people do gets a form, an outcome and a group.
    for (task, outcome) in [
        ("Activity_1", "Revisada"),
        ("assignApprover", "Asignada"),
        ("approveInvoice", "Decidida"),
        ("reviewInvoice", "Aclarada"),
        ("prepareBankTransfer", "Preparada"),
    ] {
        bind(page, task, outcome).await?;
    }
    // What the other tool asked in its own language is asked in ours.
    for (flow, condition) in [
        ("invoiceApproved", "outcome = \"decidida\""),
        ("invoiceNotApproved", "outcome = \"otra\""),
        ("reviewSuccessful", "outcome = \"aclarada\""),
        ("reviewNotSuccessful", "outcome = \"otra\""),
    ] {
        choose(page, flow).await?;
        let field = page.id("flow-condition").await?;
        page.write(&field, condition).await?;
    }
    eventually("all to be saved", Duration::from_secs(20), || async {
        let state = page.id("draft-state").await?.text().await?;
        Ok((state.trim() == "Guardado").then_some(()))
    })
    .await?;
    page.picture("canvas-4-bound").await?;
    page.press_id("publish").await?;
    page.press_id("publish-confirm").await?;
    page.shows("v1").await?;
    page.picture("canvas-5-published").await?;
    browser.close().await?;

    let desk = format!("{node}-agent");
    let browser = Browser::open_sized(place, &desk, &service.address(), (1366, 768)).await?;
    let page = browser.page();
    page.sign_in("agente", PASSWORD).await?;
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
    page.press_id("start-process").await?;
    page.press_id("start-bpmn_miwg_test_case_c_1_0").await?;
    page.id("attend").await?;
    page.shows("Revisar la factura").await?;
    page.press("Revisar la factura").await?;
    page.id("outcome-revisada").await?;
    page.picture("canvas-6-attended").await?;
    page.press_id("outcome-revisada").await?;
    page.hides("Cerrar atención").await?;
    page.picture("canvas-7-done").await?;
    browser.close().await
}

/// Goes through the drawing by arrows until an element is chosen.
async fn walk(page: &Page, to: &str) -> Result<()> {
    let wanted = format!("element-{to}");
    for step in 0..80 {
        let now = page
            .run("return document.getElementById('canvas').getAttribute('aria-activedescendant')")
            .await?;
        if now.as_str() == Some(&*wanted) {
            return Ok(());
        }
        page.keys(if step % 4 == 3 { RIGHT } else { DOWN }).await?;
    }
    anyhow::bail!("{to} is not reached by arrows");
}

/// While connecting: arrows until the live region names the target.
async fn aim(page: &Page, to: &str) -> Result<()> {
    let name = page
        .run(&format!(
            "return document.getElementById('element-{to}').getAttribute('aria-label')"
        ))
        .await?;
    let name = name
        .as_str()
        .context("a name for screen readers")?
        .to_owned();
    for step in 0..80 {
        let said = page
            .run("return document.getElementById('canvas-said').innerText")
            .await?;
        if said
            .as_str()
            .is_some_and(|said| said.contains(&name) && said.contains("Conectar"))
        {
            return Ok(());
        }
        page.keys(if step % 3 == 2 { DOWN } else { RIGHT }).await?;
    }
    anyhow::bail!("{to} is not reached by arrows");
}

/// Chooses an element of the drawing as the list of problems does, or by a press on it.
async fn choose(page: &Page, element: &str) -> Result<()> {
    page.run(&format!(
        "const e = document.getElementById('element-{element}'); const p = e.querySelector('.bpmn-hit') || e; \
         const r = p.getBoundingClientRect(); \
         const at = p.getPointAtLength ? (() => {{ const m = p.getScreenCTM(), q = p.getPointAtLength(p.getTotalLength() / 2); \
           return {{clientX: q.x * m.a + m.e, clientY: q.y * m.d + m.f}}; }})() : {{clientX: r.x + r.width / 2, clientY: r.y + r.height / 2}}; \
         for (const kind of ['pointerdown', 'pointerup']) \
           p.dispatchEvent(new PointerEvent(kind, {{bubbles: true, button: 0, pointerId: 1, ...at}}))"
    ))
    .await?;
    let wanted = format!("element-{element}");
    eventually(&wanted, Duration::from_secs(10), || async {
        let now = page
            .run("return document.getElementById('canvas').getAttribute('aria-activedescendant')")
            .await?;
        Ok((now.as_str() == Some(&*wanted)).then_some(()))
    })
    .await
}

/// A form of its own, one outcome, and the group.
async fn bind(page: &Page, task: &str, outcome: &str) -> Result<()> {
    choose(page, task).await?;
    page.element("//*[@id='task-form']/option[@value='new']")
        .await?
        .click()
        .await?;
    page.id("form-places").await?;
    page.keys(ESCAPE).await?;
    page.id("canvas").await?;
    choose(page, task).await?;
    page.press_id("add-outcome").await?;
    let words = page.id("outcome-0-es").await?;
    page.write(&words, outcome).await?;
    let group = page.id("task-group").await?;
    page.write(&group, GROUP).await?;
    page.keys(DOWN).await?;
    page.keys(ENTER).await?;
    Ok(())
}
