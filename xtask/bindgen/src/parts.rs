//! Divides a program into what is loaded at once and what is fetched later.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_encoder::{Module, RawSection};
use wasm_split_cli_support::{Options, transform};
use wasmparser::{Parser, Payload};

/// Writes the later parts and what fetches them; the answer is the first part, still to be bound.
pub fn divide(input: &Path, folder: &Path) -> Result<PathBuf> {
    let wasm = fs::read(input).with_context(|| format!("no {}", input.display()))?;
    let main = folder.join("main.wasm");
    let mut options = Options::new(&wasm);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = "./ui.js";
    options.link_name = "./parts.js";
    transform(options).map_err(|error| anyhow!("{error:?}"))?;
    without_streaming(&folder.join("parts.js"))?;
    Ok(main)
}

/// A webview that is served by the shell itself gives no stream to compile from; the first part has a way out of its own
/// there, the others get it here.
fn without_streaming(script: &Path) -> Result<()> {
    let text = fs::read_to_string(script)?;
    ensure!(
        text.contains(STREAMING),
        "the parts are fetched in another way than this program knows"
    );
    fs::write(script, text.replace(STREAMING, WHOLE))?;
    Ok(())
}

const STREAMING: &str = "WebAssembly.instantiateStreaming(src, imports)";
const WHOLE: &str = "src.then((answer) => answer.arrayBuffer()).then((bytes) => WebAssembly.instantiate(bytes, imports))";

/// Takes out what only a debugger reads. The division goes by the names; after it they are a good part of each file.
pub fn forget_names(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "wasm") {
            continue;
        }
        let wasm = fs::read(&path)?;
        let mut slim = Module::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            let payload = payload?;
            if let Payload::CustomSection(_) = payload {
                continue;
            }
            if let Some((id, range)) = payload.as_section() {
                let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
                let data = wasm.get(range).context("a section outside of its file")?;
                slim.section(&RawSection { id, data });
            }
        }
        fs::write(&path, slim.finish())?;
    }
    Ok(())
}
