//! The house rules of docs/architecture.md, held against the tree as it is. Each rule is a function from what it looks at
//! to what it finds wrong, with a bad example that it must find.

mod arrows;
mod tables;
mod tree;

/// Fails with every finding at once, one a line.
fn nothing_wrong(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}
