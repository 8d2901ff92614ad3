//! The little that is needed of XML: children by local name, whatever the prefix or the version's namespace.

use roxmltree::{Document, Node, ParsingOptions};

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
        let mut diagnostic = Diagnostic::new(
            text,
            0..0,
            Code::BadDocument,
            vec![error.to_string()],
            vec![],
        );
        diagnostic.line = position.row;
        diagnostic.column = position.col;
        diagnostic.into()
    })
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

/// A problem at an element.
pub(super) fn problem(node: Node<'_, '_>, code: Code, args: Vec<String>) -> Diagnostics {
    let document = node.document().input_text();
    Diagnostic::new(document, node.range(), code, args, vec![]).into()
}
