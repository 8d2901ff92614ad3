//! What comes between the compiler and a browser.
//!
//! - `bindgen bind IN.wasm OUT_FOLDER`: writes `ui.js` and `ui_bg.wasm`.
//! - `bindgen parts IN.wasm OUT_FOLDER`: the same for a program that is linked with `--emit-relocs` and names parts that are
//!   fetched later: each becomes a file of its own, `split_NAME.wasm`, and what several share a `chunk_N.wasm`. With
//!   `--names` as the last argument the functions keep their names, for whoever reads a stack.
//! - `bindgen pack FOLDER OUT_FOLDER`: each file that is worth it in Brotli's form, `NAME.br`, in the same places.
//!
//! A program of its own, so that `cargo xtask` stays quick to compile: this one brings a wasm parser and writer along.
//! The command-line tools of the same purpose must match the library's version to the digit and cannot be installed
//! with a locked dependency tree; as libraries the lock file keeps both together.

mod pack;
mod parts;

use std::{env, path::PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let act = arguments
        .next()
        .context("first argument: bind, parts or pack")?;
    let input = PathBuf::from(arguments.next().context("second argument: what to read")?);
    let output = PathBuf::from(
        arguments
            .next()
            .context("third argument: the folder to write to")?,
    );
    let names = arguments.next().is_some_and(|last| last == "--names");
    match act.as_str() {
        "bind" => bound(false, names)?.input_path(input).generate(output),
        "parts" => {
            let main = parts::divide(&input, &output)?;
            bound(true, names)?.input_path(&main).generate(&output)?;
            std::fs::remove_file(main)?;
            if names {
                return Ok(());
            }
            parts::forget_names(&output)
        }
        "pack" => pack::folder(&input, &output),
        _ => bail!("there is no `{act}`"),
    }
}

/// `parts`: the other files hold on to what the first one exports.
fn bound(parts: bool, names: bool) -> Result<Bindgen> {
    let mut bindgen = Bindgen::new();
    bindgen
        .out_name("ui")
        .web(true)?
        .typescript(false)
        .demangle(!parts)
        .keep_lld_exports(parts)
        .remove_name_section(parts && !names)
        .omit_default_module_path(false);
    Ok(bindgen)
}
