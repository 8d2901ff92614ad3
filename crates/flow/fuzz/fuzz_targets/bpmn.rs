//! Any text as a BPMN document. What can be read is written back as it was, drawn, laid out, looked through and started
//! without a panic; every mend that is offered can be executed and taken back.
#![no_main]

use flow::edit::Editor;
use flow::engine::{Event, Plan, State, step};
use flow::layout::with_diagram;
use flow::lint::lint;
use flow::scene::scene;
use flow::xml::{read, write};
use kernel::{Language, Moment};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let definitions = match read(text) {
        Ok(definitions) => definitions,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            for problem in problems {
                let _ = problem.sentence(Language::Es);
            }
            return;
        }
    };
    let written = write(&definitions);
    let again = read(&written).unwrap_or_else(|why| panic!("not read again: {why:?}\n{written}"));
    assert_eq!(write(&again), written, "written twice, differently");
    let _ = scene(&definitions);
    let drawn = with_diagram(definitions.clone());
    let _ = scene(&drawn);

    for finding in lint(&definitions) {
        let _ = (
            finding.sentence(Language::Es),
            finding.sentence(Language::En),
        );
        let Some(mend) = finding.mend else { continue };
        let mut editor = Editor::new(definitions.clone());
        if editor.execute_all(mend.commands).is_ok() {
            editor.undo();
            assert_eq!(write(editor.definitions()), written, "a mend that stays");
        }
    }
    for process in &definitions.processes {
        if let Ok(plan) = Plan::compile(&definitions, &process.id) {
            let start = Event::Start {
                start_event: None,
                trigger: None,
                variables: Default::default(),
            };
            let _ = step(
                &plan,
                &State::default(),
                start,
                Moment::from_secs(1_800_000_000),
            );
        }
    }
});
