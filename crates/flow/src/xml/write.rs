//! Writing a tree. Names are written with the prefixes they were read with; a namespace without a usable prefix gets a
//! declaration where it is needed.

use std::sync::Arc;

use super::tree::{Child, Name, NodeId, Tree};

pub(super) fn document(tree: &Tree) -> String {
    let mut out = String::with_capacity(tree.nodes.len() * 96);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut writer = Writer {
        tree,
        out,
        scope: vec![("xml".into(), super::XML.into())],
    };
    for child in &tree.before {
        writer.child(child, 0);
        writer.out.push('\n');
    }
    writer.element(tree.root, 0);
    writer.out.push('\n');
    for child in &tree.after {
        writer.child(child, 0);
        writer.out.push('\n');
    }
    writer.out
}

struct Writer<'a> {
    tree: &'a Tree,
    out: String,
    /// Declarations in force, innermost last.
    scope: Vec<(Arc<str>, Arc<str>)>,
}

impl Writer<'_> {
    fn element(&mut self, id: NodeId, depth: usize) {
        let tree = self.tree;
        let node = tree.node(id);
        let outer = self.scope.len();
        self.scope.extend(node.declarations.iter().cloned());
        let mut extra = Vec::new();
        let tag = self.qualified(&node.name, false, &mut extra);
        let attributes: Vec<(String, &str)> = node
            .attributes
            .iter()
            .map(|a| (self.qualified(&a.name, true, &mut extra), &*a.value))
            .collect();

        self.out.push('<');
        self.out.push_str(&tag);
        for (prefix, uri) in node.declarations.iter().chain(&extra) {
            self.out.push_str(" xmlns");
            if !prefix.is_empty() {
                self.out.push(':');
                self.out.push_str(prefix);
            }
            self.out.push_str("=\"");
            escape_attribute(uri, &mut self.out);
            self.out.push('"');
        }
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(&name);
            self.out.push_str("=\"");
            escape_attribute(value, &mut self.out);
            self.out.push('"');
        }
        if node.children.is_empty() {
            self.out.push_str("/>");
        } else {
            self.out.push('>');
            // Where text is mixed with elements every blank counts, so nothing is added.
            let mixed = node
                .children
                .iter()
                .any(|child| matches!(child, Child::Text(_) | Child::Data(_)));
            for child in &node.children {
                if !mixed {
                    self.line(depth + 1);
                }
                self.child(child, depth + 1);
            }
            if !mixed {
                self.line(depth);
            }
            self.out.push_str("</");
            self.out.push_str(&tag);
            self.out.push('>');
        }
        self.scope.truncate(outer);
    }

    fn child(&mut self, child: &Child, depth: usize) {
        match child {
            Child::Element(id) => self.element(*id, depth),
            Child::Text(text) => escape_text(text, &mut self.out),
            Child::Data(text) => {
                self.out.push_str("<![CDATA[");
                self.out.push_str(text);
                self.out.push_str("]]>");
            }
            Child::Comment(text) => {
                self.out.push_str("<!--");
                self.out.push_str(text);
                self.out.push_str("-->");
            }
            Child::Instruction(text) => {
                self.out.push_str("<?");
                self.out.push_str(text);
                self.out.push_str("?>");
            }
        }
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        for _ in 0..depth {
            self.out.push_str("  ");
        }
    }

    /// The name as written here, declaring a prefix where none in force means its namespace.
    fn qualified(
        &mut self,
        name: &Name,
        attribute: bool,
        extra: &mut Vec<(Arc<str>, Arc<str>)>,
    ) -> String {
        if attribute && name.namespace.is_empty() {
            return name.local.to_string();
        }
        let prefix = if self.means(&name.prefix, &name.namespace)
            && !(attribute && name.prefix.is_empty())
        {
            name.prefix.clone()
        } else if let Some(found) = self.prefix_for(&name.namespace, attribute) {
            found
        } else {
            let wanted = if attribute && name.prefix.is_empty() {
                "ns".into()
            } else {
                name.prefix.clone()
            };
            let prefix = self.free(&wanted, extra);
            self.scope.push((prefix.clone(), name.namespace.clone()));
            extra.push((prefix.clone(), name.namespace.clone()));
            prefix
        };
        if prefix.is_empty() {
            name.local.to_string()
        } else {
            format!("{prefix}:{}", name.local)
        }
    }

    fn means(&self, prefix: &str, namespace: &str) -> bool {
        let found = self
            .scope
            .iter()
            .rev()
            .find(|(known, _)| &**known == prefix);
        found.map_or(prefix.is_empty() && namespace.is_empty(), |(_, uri)| {
            &**uri == namespace
        })
    }

    fn prefix_for(&self, namespace: &str, attribute: bool) -> Option<Arc<str>> {
        let mut candidates = self
            .scope
            .iter()
            .rev()
            .filter(|(_, uri)| &**uri == namespace);
        candidates
            .find(|(prefix, _)| !(attribute && prefix.is_empty()) && self.means(prefix, namespace))
            .map(|(prefix, _)| prefix.clone())
    }

    /// A prefix not yet declared on the element being written.
    fn free(&self, wanted: &Arc<str>, extra: &[(Arc<str>, Arc<str>)]) -> Arc<str> {
        let taken = |prefix: &str| {
            extra.iter().any(|(known, _)| &**known == prefix)
                || self.scope.iter().any(|(known, _)| &**known == prefix)
        };
        if wanted.is_empty() && !extra.iter().any(|(known, _)| known.is_empty()) {
            return wanted.clone();
        }
        if !wanted.is_empty() && !taken(wanted) {
            return wanted.clone();
        }
        let base: &str = if wanted.is_empty() { "ns" } else { wanted };
        let mut number = 1_u32;
        loop {
            let candidate = format!("{base}{number}");
            if !taken(&candidate) {
                return candidate.into();
            }
            number += 1;
        }
    }
}

fn escape_text(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A bare carriage return would be read back as a line feed.
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

fn escape_attribute(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            // Bare ones would be read back as blanks.
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            c => out.push(c),
        }
    }
}
