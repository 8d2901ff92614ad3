//! BPMN and DMN files that other tools drew.

use flow::Definitions;
use form::Words;
use kernel::{FieldProblem, Language, Result};
use store::Tx;

use crate::check::{refused, told};
use crate::draft::{Author, Saved, create};
use crate::list;
use crate::{Body, DecisionDefinition, Kind, ProcessDefinition};

/// Reads a file into the definition of a process, with a key and name made of what the file calls itself, else of
/// `file_name`. A file that cannot be read is `BadDefinition`: each problem with its element or line and its sentence.
pub fn read_process(xml: &str, file_name: &str, language: Language) -> Result<ProcessDefinition> {
    let document = flow::xml::read(xml)
        .map_err(|found| refused(found.iter().map(|found| told(found, language)).collect()))?;
    let Some(running) = document.runnable().next() else {
        return Err(FieldProblem::new("bpmn", "no_process").into());
    };
    let name = title(&document, &running.name, file_name);
    Ok(ProcessDefinition {
        key: key_of(&name),
        name: Words::new(name, ""),
        process_id: (document.processes.len() > 1).then(|| running.id.to_string()),
        // As we write it, so that the first edit does not show as a difference in every line.
        bpmn: flow::xml::write(&document),
        ..ProcessDefinition::default()
    })
}

/// Imports a file, in the encoding that it says it has, as the draft of a new process. Its key is `key`, or one made of its
/// name that is still free.
pub async fn import_process(
    tx: &mut Tx,
    author: Author<'_>,
    file: &[u8],
    file_name: &str,
    key: Option<&str>,
) -> Result<(String, Saved)> {
    let language = author.around.language;
    let xml = flow::xml::decode(file).map_err(|found| refused(vec![told(&found, language)]))?;
    let mut process = read_process(&xml, file_name, language)?;
    process.key = match key {
        Some(key) => key.to_owned(),
        None => free_key(tx, Kind::Process, &process.key).await?,
    };
    let key = process.key.clone();
    let saved = create(tx, author, &Body::Process(process)).await?;
    Ok((key, saved))
}

/// Imports a DMN file, in the encoding that it says it has, as the draft of a new decision. Its key is `key`, or one made of
/// its name that is still free.
pub async fn import_decision(
    tx: &mut Tx,
    author: Author<'_>,
    file: &[u8],
    file_name: &str,
    key: Option<&str>,
) -> Result<(String, Saved)> {
    let language = author.around.language;
    let xml = flow::xml::decode(file).map_err(|found| refused(vec![told(&found, language)]))?;
    let mut decision = DecisionDefinition {
        dmn: xml.into_owned(),
        ..DecisionDefinition::default()
    };
    let model = decision.model(language).map_err(refused)?;
    if model.decisions().next().is_none() {
        return Err(FieldProblem::new("dmn", "no_decision").into());
    }
    // Of several that no other requires one is asked, and the designer may choose another.
    if decision.asked(&model).is_none() {
        decision.decision = model.results().first().map(|name| (*name).to_owned());
    }
    let stem = file_name
        .rsplit_once('.')
        .map_or(file_name, |(stem, _)| stem);
    let asked = decision.asked(&model).unwrap_or_default();
    let name = [model.name(), asked, stem]
        .into_iter()
        .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "decision".to_owned());
    decision.key = match key {
        Some(key) => key.to_owned(),
        None => free_key(tx, Kind::Decision, &key_of(&name)).await?,
    };
    decision.name = Words::new(name, "");
    let key = decision.key.clone();
    let saved = create(tx, author, &Body::Decision(decision)).await?;
    Ok((key, saved))
}

/// The key itself, or the first of `key_2`, `key_3`… that none of this kind has.
async fn free_key(tx: &mut Tx, kind: Kind, key: &str) -> Result<String> {
    let mut candidate = key.to_owned();
    let mut number = 1;
    while list::one(tx, kind, &candidate).await?.is_some() {
        number += 1;
        candidate = format!("{key}_{number}");
    }
    Ok(candidate)
}

/// What a person would call the file: the process's name, its pool's, the document's, the file's.
fn title(document: &Definitions, process: &str, file_name: &str) -> String {
    let pools = document.collaborations.iter().flat_map(|c| &c.participants);
    let pool = pools
        .filter(|pool| pool.process.is_some())
        .map(|pool| pool.name.as_str());
    let stem = file_name
        .rsplit_once('.')
        .map_or(file_name, |(stem, _)| stem);
    [process]
        .into_iter()
        .chain(pool)
        .chain([document.name.as_str(), stem])
        // Names that were broken into lines for the drawing.
        .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "Proceso".to_owned())
}

/// A key out of a name: `Reclamo de facturación` becomes `reclamo_de_facturacion`. At most 36 characters, so that a number
/// still fits behind it.
fn key_of(name: &str) -> String {
    let folded: String = kernel::text::fold(name)
        .chars()
        .filter(char::is_ascii)
        .collect();
    let mut key =
        folded
            .split(' ')
            .filter(|word| !word.is_empty())
            .fold(String::new(), |key, word| {
                if key.is_empty() {
                    word.to_owned()
                } else if key.len() + word.len() < 36 {
                    format!("{key}_{word}")
                } else {
                    key
                }
            });
    key.truncate(36);
    if key.starts_with(|c: char| c.is_ascii_lowercase()) {
        key
    } else {
        let mut prefixed = format!("p_{key}");
        prefixed.truncate(36);
        prefixed.trim_end_matches('_').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_of_any_name() {
        assert_eq!(key_of("Reclamo de facturación"), "reclamo_de_facturacion");
        assert_eq!(key_of("3D — Alta"), "p_3d_alta");
        assert_eq!(key_of("流程"), "p");
        let long = key_of("Un proceso con un nombre que no termina nunca de terminar");
        assert!(form::schema::is_key(&long) && long.len() <= 36, "{long}");
    }
}
