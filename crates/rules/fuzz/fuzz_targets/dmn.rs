//! Any text as a DMN document; every decision of what can be read is evaluated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules::Scope;
use rules::dmn::Model;
use rules::table;

fuzz_target!(|text: &str| {
    if let Ok(model) = Model::read(text) {
        let names: Vec<String> = model.decisions().map(str::to_owned).collect();
        for name in names.iter().take(20) {
            let _ = model.evaluate_decision(name, &Scope::new());
        }
    }
    if let Ok(tables) = Model::tables(text) {
        for (_, source) in tables.iter().take(5) {
            let _ = table::analyse(source);
        }
    }
});
