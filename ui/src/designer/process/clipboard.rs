//! Copying and pasting: what the clipboard holds is BPMN.

use std::collections::HashSet;

use flow::{
    Definitions,
    edit::{self, Command},
    model::{ElementId, Point},
    scene::ShapeKind,
    xml,
};
use leptos::prelude::*;

use super::{Work, stage::shapes};
use crate::t;

thread_local! {
    /// The last copy, for where the system's clipboard is out of reach.
    static CLIPBOARD: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

impl Work {
    /// The selection as BPMN, also for the system's clipboard.
    pub fn copy(&self) -> bool {
        let Some(document) = self.document_now() else {
            return false;
        };
        let ids: Vec<ElementId> = self
            .selected()
            .iter()
            .map(|id| id.as_str().into())
            .collect();
        let Some(text) = edit::copy(&document, &ids) else {
            return false;
        };
        let _ = window().navigator().clipboard().write_text(&text);
        CLIPBOARD.with_borrow_mut(|kept| *kept = Some(text));
        self.pasted.set_value(0);
        self.say
            .set(t!("canvas-said-copied", count = ids.len() as i64));
        true
    }

    /// Pastes BPMN: what the system's clipboard has, else the last copy.
    pub fn paste(&self, system: Option<String>) {
        let own = CLIPBOARD.with_borrow(Clone::clone);
        let Some(text) = system.filter(|text| text.contains("definitions")).or(own) else {
            self.say.set(t!("canvas-said-nothing-to-paste"));
            return;
        };
        let Ok(read) = xml::read(&text) else {
            self.refuse(t!("canvas-refuse-paste"));
            return;
        };
        let all = read.diagrams.iter().flat_map(|diagram| &diagram.shapes);
        let around = all.map(|shape| shape.bounds).reduce(|a, b| a.union(&b));
        let (Some(around), Some(before)) = (around, self.document_now()) else {
            self.refuse(t!("canvas-refuse-paste"));
            return;
        };
        self.pasted.update_value(|times| *times += 1);
        let by = 30.0 * f64::from(self.pasted.get_value());
        let sight = self.in_sight();
        let (dx, dy) = if sight.intersects(&around) {
            (by, by)
        } else {
            let (to, from) = (sight.centre(), around.centre());
            ((to.x - from.x).round(), (to.y - from.y).round())
        };
        let centre = Point {
            x: around.centre().x + dx,
            y: around.centre().y + dy,
        };
        let chosen = self.chosen.get_untracked();
        let beside = chosen.and_then(|id| self.home_of(&before, &id));
        let home = self
            .home_at(centre, &HashSet::new())
            .or_else(|why| beside.ok_or(why));
        match home {
            Ok(home) => {
                let done = self.apply(
                    "paste",
                    vec![Command::Paste {
                        bpmn: text,
                        parent: home.parent,
                        lane: home.lane,
                        dx,
                        dy,
                    }],
                );
                if done {
                    self.select_new(&before);
                }
            }
            Err(why) => self.refuse(why),
        }
    }

    /// Selects what a step added.
    fn select_new(&self, before: &Definitions) {
        let Some(after) = self.document_now() else {
            return;
        };
        let known: HashSet<&str> = before
            .diagrams
            .iter()
            .flat_map(|diagram| &diagram.shapes)
            .map(|shape| &*shape.element)
            .collect();
        let fresh: Vec<String> = after
            .diagrams
            .iter()
            .flat_map(|diagram| &diagram.shapes)
            .filter(|shape| !known.contains(&*shape.element))
            .map(|shape| shape.element.to_string())
            .collect();
        self.say
            .set(t!("canvas-said-pasted", count = fresh.len() as i64));
        self.select(fresh);
    }

    pub fn select_all(&self) {
        let all = self.stage.with(|drawing| {
            shapes(drawing)
                .filter(|shape| shape.kind != ShapeKind::Lane)
                .map(|shape| shape.element.to_string())
                .collect::<Vec<_>>()
        });
        self.say
            .set(t!("canvas-said-selected", count = all.len() as i64));
        self.select(all);
    }
}
