//! The timings of [`rules::bench`] where the Designer runs them. `cargo xtask bench rules` builds this as it builds the browser's
//! bundle, opens it in a headless Chromium, and reads what [`figures`] gives back.

use rules::bench;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

/// One JSON object a line, as every proof writes them.
#[wasm_bindgen]
#[must_use]
pub fn figures() -> String {
    let performance = web_sys::window().and_then(|window| window.performance());
    let seconds = || {
        performance
            .as_ref()
            .map_or(f64::NAN, |performance| performance.now() / 1e3)
    };
    let mut lines = String::new();
    for figure in bench::all(&seconds) {
        let name = format!("{}, wasm in the browser", figure.name);
        let line = json!({"name": name, "value": figure.value, "unit": figure.unit, "goal": format!("<= {}", figure.browser_goal)});
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines
}
