//! Figures out of a browser: a room's package `crates/ROOM/browser` is built as the browser's bundle is, opened in a headless
//! Chromium, and sends what its function `figures` gives back to us. The page and the answer travel over a port of this
//! machine that is open for as long as it takes.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    place::{root, target},
    say::say,
    setup, ui,
};

/// The timings take some ten seconds on a quiet machine.
const PATIENCE: Duration = Duration::from_secs(300);

const PAGE: &str = "<!doctype html><meta charset=\"utf-8\"><title>figures</title><script type=\"module\" src=\"/start.js\"></script>";
const START: &str = "import start, { figures } from \"/ui.js\";
try {
  await start({ module_or_path: \"/ui_bg.wasm\" });
  await fetch(\"/figures\", { method: \"POST\", body: figures() });
} catch (error) {
  await fetch(\"/failed\", { method: \"POST\", body: String(error) });
}
";

/// Whether a room has something to measure in a browser.
pub fn has(room: &str) -> bool {
    root()
        .join("crates")
        .join(room)
        .join("browser/Cargo.toml")
        .is_file()
}

/// What it measures, one JSON object for each figure.
pub fn figures(room: &str) -> Result<Vec<Value>> {
    setup::have(&[&setup::COMPILER, &setup::WINDOWS_AND_BROWSERS])?;
    let package = format!("{room}-browser");
    ui::compile(&package, "wasm", ui::Shape::Whole)?;
    let wasm = target()?
        .join(ui::TRIPLE)
        .join("wasm")
        .join(format!("{}.wasm", package.replace('-', "_")));
    let folder = target()?.join("xtask").join(&package);
    fs::create_dir_all(&folder)?;
    ui::bind(&wasm, &folder)?;
    let answer = open(&folder)?;
    answer
        .lines()
        .map(|line| serde_json::from_str(line).context("a figure that is no JSON"))
        .collect()
}

/// Opens the page in Chromium and waits for its answer.
fn open(folder: &Path) -> Result<String> {
    let door = TcpListener::bind("127.0.0.1:0")?;
    door.set_nonblocking(true)?;
    let address = format!("http://{}/", door.local_addr()?);
    let profile = folder.join("profile");
    say(format!("Chromium measures at {address}"));
    let mut browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--disable-background-networking", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(&address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start chromium")?;
    let answer = serve(&door, folder);
    drop(browser.kill());
    drop(browser.wait());
    drop(fs::remove_dir_all(profile));
    answer
}

fn serve(door: &TcpListener, folder: &Path) -> Result<String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match door.accept() {
            // A connection that breaks is the browser's own affair: it asks again.
            Ok((visitor, _)) => {
                if let Ok(Some(answer)) = answer(visitor, folder) {
                    return answer;
                }
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    bail!("Chromium gave no figures within {} s", PATIENCE.as_secs())
}

/// Answers one request; what the page sends back is the end of it.
fn answer(visitor: TcpStream, folder: &Path) -> Result<Option<Result<String>>> {
    visitor.set_nonblocking(false)?;
    visitor.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(visitor);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8(body)?;
    let mut words = first.split_whitespace();
    let path = words.nth(1).unwrap_or("/").to_owned();
    let mut visitor = reader.into_inner();
    let (kind, content) = match path.as_str() {
        "/" => ("text/html", PAGE.as_bytes().to_vec()),
        "/start.js" => ("text/javascript", START.as_bytes().to_vec()),
        "/ui.js" => ("text/javascript", fs::read(folder.join("ui.js"))?),
        "/ui_bg.wasm" => ("application/wasm", fs::read(folder.join("ui_bg.wasm"))?),
        _ => ("text/plain", Vec::new()),
    };
    // Isolated from other origins, a page may look at its clock to the microsecond.
    write!(
        visitor,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n\r\n",
        content.len()
    )?;
    visitor.write_all(&content)?;
    visitor.flush()?;
    Ok(match path.as_str() {
        "/figures" => Some(Ok(body)),
        "/failed" => Some(Err(anyhow::anyhow!("in the browser: {body}"))),
        _ => None,
    })
}
