//! From text to a tree, with the place of every element, refusing what is too large, too deep or declares entities.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::tree::{Attribute, Child, Name, Node, NodeId, Tree};
use super::{MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_NODES, too_large};
use crate::problem::{Problem, ProblemCode};

pub(super) fn tree(text: &str) -> Result<Tree, Problem> {
    if text.len() > MAX_BYTES {
        return Err(too_large(text.len()));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::new(text);
    let mut reader = Reader::from_str(text);
    loop {
        let from = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(from);
                return Err(builder.broken(&error, at));
            }
        };
        match event {
            Event::Start(start) => builder.open(&start, from)?,
            Event::Empty(start) => {
                builder.open(&start, from)?;
                builder.close();
            }
            Event::End(_) => builder.close(),
            Event::Text(text) => builder.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c),
                    Ok(None) => predefined(&reference),
                    Err(_) => None,
                };
                let Some(c) = resolved else {
                    return Err(builder.at(
                        Problem::new(ProblemCode::UnknownEntity, [&*reference]),
                        from,
                    ));
                };
                builder.text.push(c);
            }
            Event::CData(data) => builder.put(Child::Data(data.xml10_content().into())),
            Event::Comment(comment) => builder.put(Child::Comment(comment.xml10_content().into())),
            Event::PI(instruction) => builder.put(Child::Instruction((&*instruction).into())),
            Event::Decl(_) => {}
            Event::DocType(_) => return Err(builder.at(Problem::bare(ProblemCode::Doctype), from)),
            Event::Eof => break,
        }
    }
    builder.finish()
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => return None,
    })
}

struct Builder<'a> {
    source: &'a str,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
    /// The last place asked for, with its column.
    last: Cell<(usize, usize)>,
    nodes: Vec<Node>,
    root: Option<NodeId>,
    before: Vec<Child>,
    after: Vec<Child>,
    /// The elements that are open, outermost first.
    open: Vec<NodeId>,
    /// Declarations in force with the depth at which each was made.
    scope: Vec<(usize, Arc<str>, Arc<str>)>,
    /// Text gathered since the last tag.
    text: String,
    /// One copy of each name.
    interned: HashMap<String, Arc<str>>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let breaks = source
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            source,
            lines: std::iter::once(0).chain(breaks).collect(),
            last: Cell::new((0, 1)),
            nodes: Vec::new(),
            root: None,
            before: Vec::new(),
            after: Vec::new(),
            open: Vec::new(),
            scope: vec![(0, "xml".into(), super::XML.into())],
            text: String::new(),
            interned: HashMap::new(),
        }
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.source.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        // Counted on from the last place asked for: a file may be one long line.
        let (known, column) = self.last.get();
        let (from, before) = if (start..=offset).contains(&known) {
            (known, column)
        } else {
            (start, 1)
        };
        let column = before
            + self
                .source
                .get(from..offset)
                .map_or(0, |text| text.chars().count());
        self.last.set((offset, column));
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }

    fn at(&self, problem: Problem, offset: usize) -> Problem {
        let (line, column) = self.place(offset);
        problem.at(line, column)
    }

    fn broken(&self, error: &Error, offset: usize) -> Problem {
        let problem = match error {
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                Problem::new(ProblemCode::TagMismatch, [found, expected])
            }
            Error::IllFormed(IllFormedError::MissingEndTag(name)) => {
                Problem::new(ProblemCode::TagOpen, [name])
            }
            _ => Problem::bare(ProblemCode::NotXml),
        };
        self.at(problem, offset)
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.interned.get(text) {
            return known.clone();
        }
        let made: Arc<str> = text.into();
        self.interned.insert(text.to_owned(), made.clone());
        made
    }

    fn open(&mut self, start: &BytesStart<'_>, offset: usize) -> Result<(), Problem> {
        self.flush();
        let depth = self.open.len();
        if depth >= MAX_DEPTH {
            return Err(self.too_many(MAX_DEPTH, "depth", offset));
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(self.too_many(MAX_NODES, "elements", offset));
        }
        if depth == 0 && self.root.is_some() {
            return Err(self.at(Problem::bare(ProblemCode::NotXml), offset));
        }
        let mut raw = Vec::new();
        let mut declarations = Vec::new();
        for attribute in start.attributes() {
            let attribute =
                attribute.map_err(|_| self.at(Problem::bare(ProblemCode::NotXml), offset))?;
            if raw.len() + declarations.len() >= MAX_ATTRIBUTES {
                return Err(self.too_many(MAX_ATTRIBUTES, "attributes", offset));
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| self.at(Problem::bare(ProblemCode::NotXml), offset))?;
            let key: &str = attribute.key.as_ref();
            match key.strip_prefix("xmlns") {
                Some("") => declarations.push(("".into(), self.intern(&value))),
                Some(prefix) if prefix.starts_with(':') => {
                    if !is_name(&prefix[1..]) {
                        return Err(self.at(Problem::bare(ProblemCode::NotXml), offset));
                    }
                    let prefix = self.intern(&prefix[1..]);
                    declarations.push((prefix, self.intern(&value)));
                }
                _ => raw.push((key.to_owned(), value.into_owned())),
            }
        }
        for (prefix, uri) in &declarations {
            self.scope.push((depth + 1, prefix.clone(), uri.clone()));
        }
        let tag = start.name();
        let name = self.resolve(tag.as_ref(), false, offset)?;
        let mut attributes = Vec::with_capacity(raw.len());
        for (key, value) in raw {
            attributes.push(Attribute {
                name: self.resolve(&key, true, offset)?,
                value: value.into(),
            });
        }
        let (line, column) = self.place(offset);
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let parent = self.open.last().copied();
        self.nodes.push(Node {
            name,
            declarations,
            attributes,
            children: Vec::new(),
            parent,
            line,
            column,
        });
        match parent {
            Some(parent) => self.nodes[parent.0 as usize]
                .children
                .push(Child::Element(id)),
            None => self.root = Some(id),
        }
        self.open.push(id);
        Ok(())
    }

    fn resolve(
        &mut self,
        qualified: &str,
        attribute: bool,
        offset: usize,
    ) -> Result<Name, Problem> {
        let (prefix, local) = qualified.split_once(':').unwrap_or(("", qualified));
        let prefixed = qualified.contains(':');
        if !is_name(local) || (prefixed && !is_name(prefix)) {
            return Err(self.at(Problem::bare(ProblemCode::NotXml), offset));
        }
        let found = self
            .scope
            .iter()
            .rev()
            .find(|(_, known, _)| &**known == prefix)
            .map(|(_, _, uri)| uri.clone());
        let namespace = match found {
            _ if attribute && prefix.is_empty() => self.intern(""),
            Some(uri) => uri,
            None if prefix.is_empty() => self.intern(""),
            None => {
                return Err(self.at(
                    Problem::new(ProblemCode::UndeclaredPrefix, [prefix]),
                    offset,
                ));
            }
        };
        Ok(Name {
            prefix: self.intern(prefix),
            namespace,
            local: self.intern(local),
        })
    }

    fn too_many(&self, limit: usize, what: &str, offset: usize) -> Problem {
        self.at(
            Problem::new(ProblemCode::TooLarge, [limit.to_string(), what.to_owned()]),
            offset,
        )
    }

    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        // Text outside the root can only be blank; the reader has seen to it.
        if let Some(parent) = self.open.last() {
            self.nodes[parent.0 as usize]
                .children
                .push(Child::Text(text.into()));
        }
    }

    fn put(&mut self, child: Child) {
        self.flush();
        match self.open.last() {
            Some(parent) => self.nodes[parent.0 as usize].children.push(child),
            None if self.root.is_some() => self.after.push(child),
            None => self.before.push(child),
        }
    }

    fn close(&mut self) {
        self.flush();
        let depth = self.open.len();
        while self.scope.last().is_some_and(|(made, _, _)| *made == depth) {
            self.scope.pop();
        }
        let Some(id) = self.open.pop() else { return };
        let preserve = self.nodes[id.0 as usize]
            .attributes
            .iter()
            .any(|a| a.name.is(super::XML, "space") && &*a.value == "preserve");
        let children = &mut self.nodes[id.0 as usize].children;
        // Blanks between elements are layout, and made anew when writing. Any other text makes all of it count.
        let holds_elements = children
            .iter()
            .any(|child| !matches!(child, Child::Text(_) | Child::Data(_)));
        let blank = |child: &Child| matches!(child, Child::Text(text) if text.trim().is_empty());
        let only_blanks = children
            .iter()
            .all(|child| blank(child) || !matches!(child, Child::Text(_) | Child::Data(_)));
        if holds_elements && only_blanks && !preserve {
            children.retain(|child| !blank(child));
        }
    }

    fn finish(mut self) -> Result<Tree, Problem> {
        if !self.text.trim().is_empty() && self.open.is_empty() {
            return Err(self.at(Problem::bare(ProblemCode::NotXml), self.source.len()));
        }
        if let Some(id) = self.open.last() {
            let node = &self.nodes[id.0 as usize];
            return Err(
                Problem::new(ProblemCode::TagOpen, [&*node.name.local]).at(node.line, node.column)
            );
        }
        let Some(root) = self.root else {
            return Err(self.at(Problem::bare(ProblemCode::NotXml), 0));
        };
        self.nodes.shrink_to_fit();
        Ok(Tree {
            nodes: self.nodes,
            root,
            before: self.before,
            after: self.after,
        })
    }
}

/// NCName (Namespaces in XML 1.0 §3, XML 1.0 §2.3): what may stand before or after the colon. The reader beneath us takes
/// any text for a name, and what it took could then not be read again.
fn is_name(text: &str) -> bool {
    let starts = |c: char| {
        matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
            | '\u{10000}'..='\u{effff}')
    };
    let goes_on = |c: char| {
        starts(c)
            || matches!(c, '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
    };
    let mut letters = text.chars();
    letters.next().is_some_and(starts) && letters.all(goes_on)
}
