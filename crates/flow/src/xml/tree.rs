use std::sync::Arc;

/// Place of an element in a [`Tree`]. Stays the same however the tree is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

/// A qualified name. The prefix is kept for writing only; two names are one if namespace and local part are.
#[derive(Clone, Debug)]
pub struct Name {
    pub prefix: Arc<str>,
    /// URI; empty: none.
    pub namespace: Arc<str>,
    pub local: Arc<str>,
}

impl Name {
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.local == local && &*self.namespace == namespace
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.local == other.local && self.namespace == other.namespace
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: Name,
    pub value: Arc<str>,
}

/// What stands inside an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Child {
    Element(NodeId),
    Text(Arc<str>),
    Data(Arc<str>),
    Comment(Arc<str>),
    Instruction(Arc<str>),
}

#[derive(Clone, Debug)]
pub struct Node {
    pub name: Name,
    /// `xmlns` declarations made here: (prefix, URI).
    pub declarations: Vec<(Arc<str>, Arc<str>)>,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Child>,
    pub parent: Option<NodeId>,
    /// From 1; 0 for an element made by editing.
    pub line: u32,
    pub column: u32,
}

/// An XML document as an arena. Detached elements keep their place, so that undo is cheap.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: NodeId,
    /// Comments and instructions before and after the root.
    pub(crate) before: Vec<Child>,
    pub(crate) after: Vec<Child>,
}

impl Tree {
    /// An empty tree, for the moment in which a view is made before its tree moves in.
    pub(crate) fn placeholder() -> Self {
        Self {
            nodes: Vec::new(),
            root: NodeId(0),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    pub fn root(&self) -> NodeId {
        self.root
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub fn elements(&self, of: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + '_ {
        self.node(of)
            .children
            .iter()
            .filter_map(|child| match child {
                Child::Element(id) => Some(*id),
                _ => None,
            })
    }

    /// The elements below with this name.
    pub fn named<'a>(
        &'a self,
        of: NodeId,
        namespace: &'a str,
        local: &'a str,
    ) -> impl DoubleEndedIterator<Item = NodeId> + 'a {
        self.elements(of)
            .filter(move |id| self.node(*id).name.is(namespace, local))
    }

    pub fn child(&self, of: NodeId, namespace: &str, local: &str) -> Option<NodeId> {
        self.elements(of)
            .find(|id| self.node(*id).name.is(namespace, local))
    }

    /// An attribute without a prefix.
    pub fn attribute(&self, of: NodeId, local: &str) -> Option<&Arc<str>> {
        let at = self.attribute_at(of, local)?;
        Some(&self.node(of).attributes[at].value)
    }

    pub fn attribute_in(&self, of: NodeId, namespace: &str, local: &str) -> Option<&Arc<str>> {
        self.node(of)
            .attributes
            .iter()
            .find(|a| a.name.is(namespace, local))
            .map(|a| &a.value)
    }

    /// All text directly inside.
    pub fn text(&self, of: NodeId) -> String {
        let mut out = String::new();
        for child in &self.node(of).children {
            if let Child::Text(text) | Child::Data(text) = child {
                out.push_str(text);
            }
        }
        out
    }

    /// Adds an element that nothing holds yet.
    pub(crate) fn create(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// Where the element stands among its parent's children.
    pub(crate) fn position(&self, id: NodeId) -> Option<(NodeId, usize)> {
        let parent = self.node(id).parent?;
        let at = self
            .node(parent)
            .children
            .iter()
            .position(|child| *child == Child::Element(id))?;
        Some((parent, at))
    }

    pub(crate) fn attach(&mut self, id: NodeId, parent: NodeId, at: usize) {
        self.node_mut(id).parent = Some(parent);
        let children = &mut self.node_mut(parent).children;
        let at = at.min(children.len());
        children.insert(at, Child::Element(id));
    }

    pub(crate) fn append(&mut self, id: NodeId, parent: NodeId) {
        self.attach(id, parent, usize::MAX);
    }

    /// Takes the element out of its parent; it stays in the arena. Gives back where it was.
    pub(crate) fn detach(&mut self, id: NodeId) -> Option<(NodeId, usize)> {
        let (parent, at) = self.position(id)?;
        self.node_mut(parent).children.remove(at);
        self.node_mut(id).parent = None;
        Some((parent, at))
    }

    /// Sets (or with `None` removes) an attribute without a prefix; gives back what was there.
    pub(crate) fn set_attribute(
        &mut self,
        id: NodeId,
        local: &str,
        value: Option<&str>,
    ) -> Option<Arc<str>> {
        let at = self.attribute_at(id, local);
        let attributes = &mut self.node_mut(id).attributes;
        match (at, value) {
            (Some(at), Some(value)) => {
                Some(std::mem::replace(&mut attributes[at].value, value.into()))
            }
            (Some(at), None) => Some(attributes.remove(at).value),
            (None, Some(value)) => {
                let name = Name {
                    prefix: "".into(),
                    namespace: "".into(),
                    local: local.into(),
                };
                attributes.push(Attribute {
                    name,
                    value: value.into(),
                });
                None
            }
            (None, None) => None,
        }
    }

    /// Where an attribute of no namespace stands among the others.
    pub(crate) fn attribute_at(&self, id: NodeId, local: &str) -> Option<usize> {
        let attributes = &self.node(id).attributes;
        attributes
            .iter()
            .position(|a| &*a.name.local == local && a.name.namespace.is_empty())
    }

    pub(crate) fn move_attribute(&mut self, id: NodeId, local: &str, to: usize) {
        if let Some(at) = self.attribute_at(id, local) {
            let attributes = &mut self.node_mut(id).attributes;
            let attribute = attributes.remove(at);
            attributes.insert(to.min(attributes.len()), attribute);
        }
    }
}
