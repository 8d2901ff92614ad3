//! What the expressions that mean harm take of memory, counted by the allocator: at most 16 MiB each, from reading the text to
//! letting go of the value. Alone in its program, because the count is the program's.

use peak_alloc::PeakAlloc;
use rules::dmn::Model;
use rules::types::{Schema, check, complete, format};
use rules::{Expression, Scope};

#[path = "hostile/texts.rs"]
mod texts;
use texts::hostile;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MOST: usize = 16 << 20;

/// The most bytes that were in use at once during the work, beyond those in use before it.
fn peak(work: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn every_one_stays_within_sixteen_mebibytes() {
    let (most, shown) = std::thread::Builder::new()
        .stack_size(8 << 20)
        .spawn(|| {
            let scope = Scope::new().with("y", 1);
            // What is made once for all expressions is not theirs.
            let _ = Expression::parse("1 + 1").unwrap().evaluate(&scope);
            let _ = check("count([1])", &Schema::new());
            let texts = hostile();
            assert!(texts.len() >= 300, "{}", texts.len());
            let mut most = (0, String::new());
            for text in texts {
                let shown: String = text.chars().take(90).collect();
                let evaluated = peak(|| {
                    if let Ok(expression) = Expression::parse(&text) {
                        let _ = expression.evaluate(&scope);
                    }
                });
                let edited = peak(|| {
                    let schema = Schema::new();
                    let _ = check(&text, &schema);
                    let _ = complete(&text, text.len(), &schema);
                    let _ = format(&text);
                });
                for (took, what) in [(evaluated, "evaluating"), (edited, "editing")] {
                    assert!(took <= MOST, "{what} {shown}: {took} bytes");
                    if took > most.0 {
                        most = (took, format!("{what} {shown}"));
                    }
                }
            }
            most
        })
        .unwrap()
        .join()
        .unwrap();
    eprintln!("the most: {most} bytes, {shown}");
    assert!(
        most > 1 << 20,
        "a count that sees nothing counts nothing: {most}"
    );

    // A document of the same size as the longest text.
    let deep = format!("<definitions>{}</definitions>", "<list>".repeat(10_000));
    assert!(peak(|| drop(Model::read(&deep))) <= MOST);
}
