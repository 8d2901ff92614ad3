use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use kernel::Language;

use super::{Report, files, same_tree};
use crate::engine::Plan;
use crate::lint::{Severity, lint};
use crate::scene::scene;
use crate::{layout, xml};

/// Any folder of BPMN files: each is read, drawn (laid out where it has no drawing), written back without loss and linted. A
/// bad file is reported and the next one taken.
pub fn folder(dir: &Path) -> std::io::Result<Report> {
    let mut report = Report::new("bpmn");
    for path in files(dir, &["bpmn", "bpmn2", "bpmn20", "xml"])? {
        let shown = path
            .strip_prefix(dir)
            .unwrap_or(&path)
            .display()
            .to_string();
        // Nothing that a file holds may stop the others; a panic is a finding like another.
        let result = catch_unwind(AssertUnwindSafe(|| one(&path)));
        report.add(
            &shown,
            result
                .unwrap_or_else(|_| Err("panic".to_owned()))
                .map(|detail| (None, detail)),
        );
    }
    Ok(report)
}

fn one(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = xml::decode(&bytes).map_err(|problem| problem.sentence(Language::En))?;
    let sentences = |problems: Vec<crate::Problem>| {
        let sentences: Vec<String> = problems
            .iter()
            .map(|problem| problem.sentence(Language::En))
            .collect();
        sentences.join(" ")
    };
    let definitions = xml::read(&text).map_err(sentences)?;
    same_tree(&text, &xml::write(&definitions))
        .map_err(|what| format!("not the same after writing: {what}"))?;
    let had_drawing = definitions
        .diagrams
        .iter()
        .any(|diagram| !diagram.shapes.is_empty());
    let anew = layout::layout(&definitions);
    let placed: usize = anew.iter().map(|diagram| diagram.shapes.len()).sum();
    let drawn = layout::with_diagram(definitions);
    let items: usize = scene(&drawn)
        .drawings
        .iter()
        .map(|drawing| drawing.items.len())
        .sum();
    let findings = lint(&drawn);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let runs = drawn
        .processes
        .iter()
        .filter(|process| Plan::compile(&drawn, &process.id).is_ok())
        .count();
    let how = if had_drawing { "as drawn" } else { "laid out" };
    Ok(format!(
        "{items} shapes and lines {how}, {placed} placed anew, {runs} of {} processes can run, {} findings ({errors} errors)",
        drawn.processes.len(),
        findings.len()
    ))
}
