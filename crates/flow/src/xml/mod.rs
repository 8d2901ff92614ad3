//! BPMN 2.0 XML: reading with limits, writing without loss.

mod decode;
mod read;
mod tree;
mod write;

use std::borrow::Cow;

pub use tree::{Attribute, Child, Name, Node, NodeId, Tree};

use crate::model::Definitions;
use crate::problem::{Problem, ProblemCode};

/// BPMN 2.0 semantic model.
pub const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// BPMN 2.0 diagram interchange.
pub const BPMNDI: &str = "http://www.omg.org/spec/BPMN/20100524/DI";
pub const DC: &str = "http://www.omg.org/spec/DD/20100524/DC";
pub const DI: &str = "http://www.omg.org/spec/DD/20100524/DI";
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// What Engage adds to an activity, see [`crate::model::Binding`].
pub const ENGAGE: &str = "urn:engage:bpmn:1";

/// The largest document read, in bytes: what the service takes as the body of a request, so that a draft that came in can be
/// saved again. The largest reference model has a quarter of a megabyte.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The deepest nesting read.
pub const MAX_DEPTH: usize = 256;
/// The most elements read.
pub const MAX_NODES: usize = 2_000_000;
/// The most attributes on one element.
pub const MAX_ATTRIBUTES: usize = 512;

/// The text of a file's bytes, in whatever encoding it says it has: UTF-8, UTF-16, ISO-8859-1, windows-1252 and the others of
/// the [Encoding Standard](https://encoding.spec.whatwg.org). Refuses an encoding that nobody knows, bytes that do not fit
/// the one that the file names, and what is larger than [`MAX_BYTES`]; no sign is ever replaced by another.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    decode::decode(bytes)
}

/// Reads a document. On error: everything that was found wrong, in the order of the document.
///
/// Refuses what is larger than [`MAX_BYTES`], deeper than [`MAX_DEPTH`], or declares entities.
pub fn read(text: &str) -> Result<Definitions, Vec<Problem>> {
    let tree = tree(text).map_err(|problem| vec![problem])?;
    Definitions::from_tree(tree)
}

/// Reads any XML document into a tree, under the same limits as [`read`].
pub fn tree(text: &str) -> Result<Tree, Problem> {
    read::tree(text)
}

/// Writes a tree that is part of a document.
pub(crate) fn write_part(tree: &Tree) -> String {
    write::document(tree)
}

/// Writes the document: whatever was read is written back, plus what was changed by editing.
pub fn write(definitions: &Definitions) -> String {
    write::document(&definitions.tree)
}

fn too_large(bytes: usize) -> Problem {
    // A tenth more than the limit must not read as the limit.
    let size = format!("{} MiB", bytes.div_ceil(1024 * 1024));
    Problem::new(
        ProblemCode::TooLarge,
        [format!("{} MiB", MAX_BYTES / (1024 * 1024)), size],
    )
}
