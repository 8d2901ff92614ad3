//! Comparing two documents as XML trees with a parser that is not ours.

use roxmltree::{Document, Node};

/// Whether both texts are the same tree: elements, attributes, text and their order, whatever the prefixes. The error says
/// where they first differ.
pub fn same_tree(one: &str, other: &str) -> Result<(), String> {
    let one = Document::parse(one).map_err(|error| format!("the first is not XML: {error}"))?;
    let other =
        Document::parse(other).map_err(|error| format!("the second is not XML: {error}"))?;
    same(one.root_element(), other.root_element())
}

fn same(one: Node<'_, '_>, other: Node<'_, '_>) -> Result<(), String> {
    // Only when it is wanted: finding a line takes as long as the file.
    let line = || one.document().text_pos_at(one.range().start).row;
    let name = one.tag_name();
    if name != other.tag_name() {
        return Err(format!(
            "line {}: <{}> became <{}>",
            line(),
            name.name(),
            other.tag_name().name()
        ));
    }
    let mut left: Vec<_> = one
        .attributes()
        .map(|a| (a.namespace(), a.name(), a.value()))
        .collect();
    let mut right: Vec<_> = other
        .attributes()
        .map(|a| (a.namespace(), a.name(), a.value()))
        .collect();
    left.sort_unstable();
    right.sort_unstable();
    if left != right {
        return Err(format!(
            "line {}: attributes of <{}> differ: {left:?} / {right:?}",
            line(),
            name.name()
        ));
    }
    let left = content(one);
    let right = content(other);
    if left.len() != right.len() {
        return Err(format!(
            "line {}: <{}> holds {} things, then {}",
            line(),
            name.name(),
            left.len(),
            right.len()
        ));
    }
    for (one, other) in left.into_iter().zip(right) {
        match (one, other) {
            (Content::Element(one), Content::Element(other)) => same(one, other)?,
            (Content::Text(one), Content::Text(other)) if one == other => {}
            (Content::Comment(one), Content::Comment(other)) if one == other => {}
            _ => {
                return Err(format!(
                    "line {}: content of <{}> differs",
                    line(),
                    name.name()
                ));
            }
        }
    }
    Ok(())
}

enum Content<'a, 'i> {
    Element(Node<'a, 'i>),
    Text(String),
    Comment(String),
}

/// Text runs joined; blanks between elements left out, as they are layout.
fn content<'a, 'i>(node: Node<'a, 'i>) -> Vec<Content<'a, 'i>> {
    let mut found: Vec<Content<'a, 'i>> = Vec::new();
    for child in node.children() {
        if child.is_element() {
            found.push(Content::Element(child));
        } else if child.is_comment() {
            found.push(Content::Comment(
                child.text().unwrap_or_default().to_owned(),
            ));
        } else if let Some(text) = child.text() {
            match found.last_mut() {
                Some(Content::Text(before)) => before.push_str(text),
                _ => found.push(Content::Text(text.to_owned())),
            }
        }
    }
    let only_blanks = found
        .iter()
        .all(|part| !matches!(part, Content::Text(text) if !text.trim().is_empty()));
    if only_blanks && found.iter().any(|part| !matches!(part, Content::Text(_))) {
        found.retain(|part| !matches!(part, Content::Text(_)));
    }
    found
}
