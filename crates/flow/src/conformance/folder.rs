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
    let text = decode(&bytes)?;
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

/// UTF-8, or UTF-16 where the file says so by its first bytes.
fn decode(bytes: &[u8]) -> Result<String, String> {
    let wide = |pairs: &mut dyn Iterator<Item = u16>| {
        char::decode_utf16(pairs)
            .collect::<Result<String, _>>()
            .map_err(|error| error.to_string())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(
            &mut rest
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]])),
        ),
        [0xfe, 0xff, rest @ ..] => wide(
            &mut rest
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]])),
        ),
        _ => match String::from_utf8(bytes.to_vec()) {
            Ok(text) => Ok(text),
            // Old files in Latin-1 say so in their first line.
            Err(_) => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        },
    }
}
