//! The little that is needed of XML: children by local name, whatever the prefix or the version's namespace.

use roxmltree::{Document, Error, Node, ParsingOptions};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Elements, attributes and texts in a document; beyond it nothing is read.
const MAX_NODES: u32 = 500_000;
/// How deep elements may nest: far above any real model, far below any stack.
const MAX_DEPTH: usize = 200;

pub(super) fn parse(text: &str) -> Result<Document<'_>, Diagnostics> {
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    check_depth(text)?;
    Document::parse_with_options(text, options).map_err(|error| {
        let position = error.pos();
        let args = vec![position.row.to_string(), kind(&error).to_owned()];
        let mut diagnostic = Diagnostic::new(text, 0..0, Code::BadXml, args, vec![]);
        diagnostic.line = position.row;
        diagnostic.column = position.col;
        diagnostic.into()
    })
}

/// What is wrong with the XML, as a word of the sentences: the parser's own are English.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::UnexpectedCloseTag(..) | Error::UnexpectedEntityCloseTag(..) => "xml:close",
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => "xml:open",
        Error::NoRootNode => "xml:empty",
        Error::UnknownNamespace(..) => "xml:prefix",
        Error::UnknownEntityReference(..)
        | Error::MalformedEntityReference(..)
        | Error::EntityReferenceLoop(..) => "xml:entity",
        Error::DuplicatedAttribute(..) | Error::DuplicatedNamespace(..) => "xml:attribute",
        Error::DtdDetected => "xml:doctype",
        Error::NodesLimitReached => "xml:size",
        _ => "xml:syntax",
    }
}

/// A first look at the nesting, before anything recursive sees the text: tags that open less those that close.
fn check_depth(text: &str) -> Result<(), Diagnostics> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = text[at..].find('<') {
        let open = at + found;
        match bytes.get(open + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!') if text[open..].starts_with("<!--") => {
                at = text[open..]
                    .find("-->")
                    .map_or(text.len(), |end| open + end + 3);
                continue;
            }
            Some(b'!') if text[open..].starts_with("<![CDATA[") => {
                at = text[open..]
                    .find("]]>")
                    .map_or(text.len(), |end| open + end + 3);
                continue;
            }
            Some(b'!' | b'?') | None => {}
            Some(_) => {
                let close = text[open..].find('>').map_or(text.len(), |end| open + end);
                if bytes.get(close.wrapping_sub(1)) != Some(&b'/') {
                    depth += 1;
                }
                at = close;
                if depth > MAX_DEPTH {
                    let place = open..open + 1;
                    return Err(Diagnostic::new(
                        text,
                        place,
                        Code::TooDeep,
                        vec![MAX_DEPTH.to_string()],
                        vec![],
                    )
                    .into());
                }
                continue;
            }
        }
        at = open + 1;
    }
    Ok(())
}

pub(super) fn children<'a, 'i>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// The text of an element, all pieces of it.
pub(super) fn text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|piece| piece.text())
        .collect()
}

/// The text of a child element, trimmed.
pub(super) fn child_text(node: Node<'_, '_>, name: &'static str) -> Option<String> {
    child(node, name).map(|child| text(child).trim().to_owned())
}

/// The line of the document on which the text of an element begins, behind the white space before it.
pub(super) fn text_line(node: Node<'_, '_>) -> u32 {
    let begins = |piece: &Node<'_, '_>| {
        piece.is_text()
            && piece
                .text()
                .is_some_and(|text| !text.trim_start().is_empty())
    };
    let piece = node.descendants().find(begins).unwrap_or(node);
    let row = node.document().text_pos_at(piece.range().start).row;
    let text = piece.text().unwrap_or_default();
    let blank = &text[..text.len() - text.trim_start().len()];
    row + u32::try_from(blank.matches('\n').count()).unwrap_or(0)
}

/// A problem at an element.
pub(super) fn problem(node: Node<'_, '_>, code: Code, args: Vec<String>) -> Diagnostics {
    let document = node.document().input_text();
    Diagnostic::new(document, node.range(), code, args, vec![]).into()
}
