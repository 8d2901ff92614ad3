use std::path::Path;

use kernel::Language;

use super::{Report, files, same_tree};
use crate::scene::scene;
use crate::xml;

/// The reference models of the BPMN Model Interchange Working Group: each is read, drawn and written back without loss.
pub fn miwg(dir: &Path) -> std::io::Result<Report> {
    let mut report = Report::new("bpmn-miwg");
    for path in files(dir, &["bpmn"])? {
        let text = std::fs::read_to_string(&path)?;
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        report.add(&name, one(&text));
    }
    Ok(report)
}

fn one(text: &str) -> Result<(Option<&'static str>, String), String> {
    let definitions = xml::read(text).map_err(|problems| {
        let sentences: Vec<String> = problems
            .iter()
            .map(|problem| problem.sentence(Language::En))
            .collect();
        sentences.join(" ")
    })?;
    let written = xml::write(&definitions);
    same_tree(text, &written)?;
    let again = xml::read(&written).map_err(|_| "what was written cannot be read".to_owned())?;
    if xml::write(&again) != written {
        return Err("a second round gives another text".to_owned());
    }
    let expected = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let drawn = |local: &str| {
        let all = expected
            .descendants()
            .filter(|node| node.tag_name().name() == local);
        all.filter(|node| node.tag_name().namespace() == Some(xml::BPMNDI))
            .count()
    };
    let wanted = drawn("BPMNShape") + drawn("BPMNEdge");
    let items: usize = scene(&definitions)
        .drawings
        .iter()
        .map(|drawing| drawing.items.len())
        .sum();
    if items != wanted {
        return Err(format!(
            "{wanted} shapes and lines in the file, {items} in the scene"
        ));
    }
    Ok((None, format!("{items} shapes and lines")))
}
