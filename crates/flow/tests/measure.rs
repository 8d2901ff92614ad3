//! Prints what the machine does; asserts only what was done, never how fast. `cargo test -p flow --release --test measure --
//! --ignored --nocapture`.

use std::time::Instant;

#[test]
#[ignore = "a measurement"]
fn speed() {
    let plan = flow::bench::row(10).expect("a plan");
    flow::bench::run(&plan, 1_000);
    let begin = Instant::now();
    let work = flow::bench::run(&plan, 100_000);
    let seconds = begin.elapsed().as_secs_f64();
    assert_eq!(work.instances, 100_000);
    println!(
        "{:.0} steps/s, {:.0} elements/s",
        work.steps as f64 / seconds,
        work.elements as f64 / seconds
    );
    for size in [1_000, 10_000] {
        let text = flow::bench::large(size);
        let begin = Instant::now();
        let definitions = flow::xml::read(&text).expect("a document");
        println!("{size} elements: read {:?}", begin.elapsed());
        let begin = Instant::now();
        let definitions = flow::layout::with_diagram(definitions);
        println!("{size} elements: laid out {:?}", begin.elapsed());
        let begin = Instant::now();
        let findings = flow::lint::lint(&definitions).len();
        println!(
            "{size} elements: {findings} findings in {:?}",
            begin.elapsed()
        );
        let begin = Instant::now();
        let items = flow::scene::scene(&definitions).drawings[0].items.len();
        println!("{size} elements: scene of {items} in {:?}", begin.elapsed());
        let begin = Instant::now();
        let text = flow::xml::write(&definitions);
        println!(
            "{size} elements: {} bytes written in {:?}",
            text.len(),
            begin.elapsed()
        );
        let mut editor = flow::edit::Editor::new(definitions);
        let begin = Instant::now();
        let rename = flow::edit::Command::Rename {
            element: "a7".into(),
            name: "X".to_owned(),
        };
        editor.execute(rename).expect("fine");
        println!("{size} elements: one rename {:?}", begin.elapsed());
        let begin = Instant::now();
        let shift = flow::edit::Command::Move {
            elements: vec!["a7".into()],
            dx: 5.0,
            dy: 5.0,
        };
        editor.execute(shift).expect("fine");
        println!("{size} elements: one move {:?}", begin.elapsed());
        let begin = Instant::now();
        editor.undo();
        println!("{size} elements: one undo {:?}", begin.elapsed());
    }
}
