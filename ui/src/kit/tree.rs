use std::collections::BTreeSet;

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Drawn, Icon};

/// A thing in a [`Tree`], with what belongs under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeNode {
    pub key: String,
    pub label: String,
    pub icon: Option<Icon>,
    pub children: Vec<TreeNode>,
}

impl TreeNode {
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            icon: None,
            children: Vec::new(),
        }
    }
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }
    pub fn holding(mut self, children: Vec<TreeNode>) -> Self {
        self.children = children;
        self
    }
}

#[derive(Clone, PartialEq)]
struct Line {
    node: TreeNode,
    depth: usize,
    parent: Option<String>,
}

fn lines(
    nodes: &[TreeNode],
    open: &BTreeSet<String>,
    depth: usize,
    parent: Option<&str>,
    out: &mut Vec<Line>,
) {
    for node in nodes {
        let mut shallow = node.clone();
        let children = std::mem::take(&mut shallow.children);
        // Only whether there are any matters to the line itself.
        if let Some(first) = children.first() {
            shallow.children = vec![TreeNode::new(first.key.clone(), "")];
        }
        out.push(Line {
            node: shallow,
            depth,
            parent: parent.map(str::to_owned),
        });
        if open.contains(&node.key) {
            lines(&children, open, depth + 1, Some(&node.key), out);
        }
    }
}

/// Things within things (folders, organisation, processes and their activities). One tab stop; arrows move, open and
/// close, Home and End go to the ends, Enter chooses.
#[component]
pub fn Tree(
    #[prop(into)] nodes: Signal<Vec<TreeNode>>,
    chosen: RwSignal<String>,
    #[prop(into)] label: Signal<String>,
    /// The keys of what is open.
    #[prop(optional)]
    open: Option<RwSignal<BTreeSet<String>>>,
) -> impl IntoView {
    let open = open.unwrap_or_else(|| RwSignal::new(BTreeSet::new()));
    let cursor = RwSignal::new(String::new());
    let tree = NodeRef::<html::Div>::new();
    let shown = Memo::new(move |_| {
        let mut out = Vec::new();
        nodes.with(|nodes| open.with(|open| lines(nodes, open, 0, None, &mut out)));
        out
    });
    let at_cursor = move |shown: &[Line]| {
        let cursor = cursor.get();
        let chosen = chosen.get();
        shown
            .iter()
            .position(|line| line.node.key == cursor)
            .or_else(|| shown.iter().position(|line| line.node.key == chosen))
            .unwrap_or(0)
    };
    let go = move |key: String| {
        cursor.set(key);
        request_animation_frame(move || {
            if let Some(tree) = tree.get_untracked()
                && let Ok(Some(line)) = tree.query_selector("[tabindex='0']")
            {
                let _ = line.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    };
    let toggle = move |key: &str| {
        open.update(|open| {
            if !open.remove(key) {
                open.insert(key.to_owned());
            }
        });
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let shown = shown.get_untracked();
        let at = untrack(|| at_cursor(&shown));
        let Some(line) = shown.get(at) else { return };
        let is_open = open.with_untracked(|open| open.contains(&line.node.key));
        let to = match event.key().as_str() {
            "ArrowDown" => shown.get(at + 1),
            "ArrowUp" => at.checked_sub(1).and_then(|at| shown.get(at)),
            "Home" => shown.first(),
            "End" => shown.last(),
            "ArrowRight" if !line.node.children.is_empty() && !is_open => {
                toggle(&line.node.key);
                Some(line)
            }
            "ArrowRight" => shown.get(at + 1).filter(|next| next.depth > line.depth),
            "ArrowLeft" if is_open => {
                toggle(&line.node.key);
                Some(line)
            }
            "ArrowLeft" => shown
                .iter()
                .find(|other| Some(&other.node.key) == line.parent.as_ref()),
            "Enter" | " " => {
                chosen.set(line.node.key.clone());
                Some(line)
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(to) = to {
            go(to.node.key.clone());
        }
    };
    view! {
        <div class="tree" role="tree" aria-label=label node_ref=tree on:keydown=keys>
            {move || {
                let shown = shown.get();
                let at_cursor = at_cursor(&shown);
                shown
                    .into_iter()
                    .enumerate()
                    .map(|(at, line)| {
                        let key = line.node.key.clone();
                        let twist = key.clone();
                        let own = key.clone();
                        let parent = !line.node.children.is_empty();
                        let is_open = open.with(|open| open.contains(&key));
                        view! {
                            <div
                                class="tree-line"
                                role="treeitem"
                                prop:ariaLevel=(line.depth + 1).to_string()
                                aria-expanded=parent.then(|| is_open.to_string())
                                aria-selected=move || chosen.with(|chosen| *chosen == own).to_string()
                                tabindex=if at == at_cursor { "0" } else { "-1" }
                                style:padding-inline-start=format!("{}px", 4 + line.depth * 16)
                                on:click=move |_| {
                                    chosen.set(key.clone());
                                    cursor.set(key.clone());
                                }
                            >
                                <span
                                    class="tree-twist"
                                    on:click=move |event| {
                                        if parent {
                                            event.stop_propagation();
                                            toggle(&twist);
                                        }
                                    }
                                >
                                    {parent
                                        .then(|| {
                                            let icon = if is_open { Icon::ChevronDown } else { Icon::ChevronRight };
                                            view! { <Drawn icon=icon /> }
                                        })}
                                </span>
                                {line.node.icon.map(|icon| view! { <Drawn icon=icon /> })}
                                <span class="cut">{line.node.label}</span>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}
