//! Primitive changes of the tree, each with its way back.

use std::sync::Arc;

use crate::model::{Definitions, ElementId};
use crate::xml::{Attribute, BPMN, Child, Name, Node, NodeId, Tree};

#[derive(Clone, Debug)]
pub(super) enum Change {
    Attach {
        node: NodeId,
        parent: NodeId,
        at: usize,
    },
    Detach {
        node: NodeId,
        parent: NodeId,
        at: usize,
    },
    Attribute {
        node: NodeId,
        local: Arc<str>,
        before: Option<Arc<str>>,
        after: Option<Arc<str>>,
        /// Where it stood among the others.
        at: usize,
    },
    Rename {
        node: NodeId,
        before: Name,
        after: Name,
    },
    /// What stands inside, where that is text.
    Content {
        node: NodeId,
        before: Vec<Child>,
        after: Vec<Child>,
    },
    Declare {
        node: NodeId,
        prefix: Arc<str>,
        uri: Arc<str>,
    },
}

impl Change {
    pub fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Attach { node, parent, at } => tree.attach(*node, *parent, *at),
            Self::Detach { node, .. } => {
                tree.detach(*node);
            }
            Self::Attribute {
                node, local, after, ..
            } => {
                tree.set_attribute(*node, local, after.as_deref());
            }
            Self::Rename { node, after, .. } => tree.node_mut(*node).name = after.clone(),
            Self::Content { node, after, .. } => tree.node_mut(*node).children.clone_from(after),
            Self::Declare { node, prefix, uri } => tree
                .node_mut(*node)
                .declarations
                .push((prefix.clone(), uri.clone())),
        }
    }

    pub fn revert(&self, tree: &mut Tree) {
        match self {
            Self::Attach { node, .. } => {
                tree.detach(*node);
            }
            Self::Detach { node, parent, at } => tree.attach(*node, *parent, *at),
            Self::Attribute {
                node,
                local,
                before,
                at,
                ..
            } => {
                tree.set_attribute(*node, local, before.as_deref());
                tree.move_attribute(*node, local, *at);
            }
            Self::Rename { node, before, .. } => tree.node_mut(*node).name = before.clone(),
            Self::Content { node, before, .. } => tree.node_mut(*node).children.clone_from(before),
            Self::Declare { node, prefix, .. } => {
                tree.node_mut(*node)
                    .declarations
                    .retain(|(known, _)| known != prefix);
            }
        }
    }
}

/// A command at work: changes the tree and remembers how.
pub(super) struct Record<'a> {
    pub definitions: &'a mut Definitions,
    changes: Vec<Change>,
    pub touched: Vec<ElementId>,
    pub drawing_only: bool,
}

impl<'a> Record<'a> {
    pub fn new(definitions: &'a mut Definitions) -> Self {
        Self {
            definitions,
            changes: Vec::new(),
            touched: Vec::new(),
            drawing_only: false,
        }
    }

    pub fn finish(self) -> Vec<Change> {
        self.changes
    }

    pub fn tree(&self) -> &Tree {
        &self.definitions.tree
    }

    pub fn change(&mut self, change: Change) {
        change.apply(&mut self.definitions.tree);
        self.changes.push(change);
    }

    pub fn touch(&mut self, element: &ElementId) {
        if !self.touched.contains(element) {
            self.touched.push(element.clone());
        }
    }

    pub fn node(&self, id: &str) -> Option<NodeId> {
        self.definitions.index.get(id).copied()
    }

    pub fn set(&mut self, node: NodeId, local: &str, value: Option<&str>) {
        let before = self.tree().attribute(node, local).cloned();
        if before.as_deref() != value {
            let after = value.map(Into::into);
            let at = self.tree().attribute_at(node, local).unwrap_or(usize::MAX);
            self.change(Change::Attribute {
                node,
                local: local.into(),
                before,
                after,
                at,
            });
        }
    }

    pub fn detach(&mut self, node: NodeId) {
        if let Some((parent, at)) = self.tree().position(node) {
            self.change(Change::Detach { node, parent, at });
        }
    }

    pub fn attach(&mut self, node: NodeId, parent: NodeId, at: usize) {
        let at = at.min(self.tree().node(parent).children.len());
        self.change(Change::Attach { node, parent, at });
    }

    pub fn append(&mut self, node: NodeId, parent: NodeId) {
        self.attach(node, parent, usize::MAX);
    }

    pub fn set_text(&mut self, node: NodeId, text: &str) {
        let before = self.tree().node(node).children.clone();
        let after = vec![Child::Text(text.into())];
        if before != after {
            self.change(Change::Content {
                node,
                before,
                after,
            });
        }
    }

    /// An element that nothing holds yet. It takes the prefix that the document uses for its namespace.
    pub fn create(&mut self, namespace: &str, local: &str, attributes: &[(&str, &str)]) -> NodeId {
        let prefix = self.prefix(namespace);
        let attributes = attributes.iter().map(|(name, value)| Attribute {
            name: Name {
                prefix: "".into(),
                namespace: "".into(),
                local: (*name).into(),
            },
            value: (*value).into(),
        });
        let node = Node {
            name: Name {
                prefix,
                namespace: namespace.into(),
                local: local.into(),
            },
            declarations: Vec::new(),
            attributes: attributes.collect(),
            children: Vec::new(),
            parent: None,
            line: 0,
            column: 0,
        };
        self.definitions.tree.create(node)
    }

    /// The prefix of a namespace, declared at the root if it is not yet.
    pub fn prefix(&mut self, namespace: &str) -> Arc<str> {
        let wanted = match namespace {
            BPMN => "bpmn",
            crate::xml::BPMNDI => "bpmndi",
            crate::xml::DC => "dc",
            crate::xml::DI => "di",
            crate::xml::ENGAGE => "engage",
            crate::xml::XSI => "xsi",
            _ => "ns",
        };
        self.prefix_like(namespace, wanted)
    }

    /// As [`Record::prefix`], with a wish for the name; none for no namespace.
    pub fn prefix_like(&mut self, namespace: &str, wanted: &str) -> Arc<str> {
        if namespace.is_empty() {
            return "".into();
        }
        let root = self.tree().root();
        let declared = &self.tree().node(root).declarations;
        if let Some((prefix, _)) = declared.iter().find(|(_, uri)| &**uri == namespace) {
            return prefix.clone();
        }
        let wanted = if wanted.is_empty() { "ns" } else { wanted };
        let mut prefix = wanted.to_owned();
        while declared.iter().any(|(known, _)| **known == *prefix) {
            prefix.push('x');
        }
        let prefix: Arc<str> = prefix.into();
        self.change(Change::Declare {
            node: root,
            prefix: prefix.clone(),
            uri: namespace.into(),
        });
        prefix
    }

    /// The child with this name, made if it is not there. `after`: the names that stand before it.
    pub fn child_or_new(
        &mut self,
        of: NodeId,
        namespace: &str,
        local: &str,
        after: &[&str],
    ) -> NodeId {
        if let Some(found) = self.tree().child(of, namespace, local) {
            return found;
        }
        let node = self.create(namespace, local, &[]);
        let at = self.place_after(of, after);
        self.attach(node, of, at);
        node
    }

    /// Behind the last child with one of these names; at the front where there is none.
    pub fn place_after(&self, of: NodeId, names: &[&str]) -> usize {
        let tree = self.tree();
        let children = &tree.node(of).children;
        let last = children.iter().rposition(|child| match child {
            Child::Element(id) => names.contains(&&*tree.node(*id).name.local),
            _ => false,
        });
        last.map_or(0, |at| at + 1)
    }
}
