//! `bindgen IN.wasm OUT_FOLDER`: writes `ui.js` and `ui_bg.wasm`.
//!
//! A program of its own, so that `cargo xtask` stays quick to compile: this one brings a wasm parser and writer along.
//! The command-line tool of the same purpose must match the library's version to the digit and cannot be installed
//! with a locked dependency tree; as a library the lock file keeps both together.
use std::env;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let input = arguments.next().context("first argument: the wasm file")?;
    let output = arguments
        .next()
        .context("second argument: the folder to write to")?;
    Bindgen::new()
        .input_path(input)
        .out_name("ui")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .generate(output)
}
