use std::{collections::HashMap, sync::Arc};

use leptos::prelude::*;

use super::{GridQuery, GridRow, Source};
use crate::problem::Problem;

pub const PAGE: usize = 100;

/// The rows fetched so far, and how to get the next. Copies share one state.
#[derive(Clone, Copy)]
pub struct Pages {
    source: StoredValue<Source>,
    pages: RwSignal<HashMap<usize, Arc<Vec<GridRow>>>>,
    next: StoredValue<Option<String>>,
    asked: StoredValue<Vec<usize>>,
    /// Raised with every new question: an answer to an older one is dropped.
    turn: StoredValue<u64>,
    question: StoredValue<GridQuery>,
    /// Raised when the first page of an answer is there: what else is in sight is asked for then.
    pub begun: RwSignal<u64>,
    pub total: RwSignal<Option<u64>>,
    /// Rows that the scroll bar reaches.
    pub reach: RwSignal<usize>,
    pub ended: RwSignal<bool>,
    pub cut: RwSignal<bool>,
    pub problem: RwSignal<Option<Problem>>,
    pub first_loading: RwSignal<bool>,
}

impl Pages {
    pub fn new(source: Source) -> Self {
        Self {
            source: StoredValue::new(source),
            pages: RwSignal::new(HashMap::new()),
            next: StoredValue::new(None),
            asked: StoredValue::new(Vec::new()),
            turn: StoredValue::new(0),
            question: StoredValue::new(GridQuery::default()),
            begun: RwSignal::new(0),
            total: RwSignal::new(None),
            reach: RwSignal::new(0),
            ended: RwSignal::new(false),
            cut: RwSignal::new(false),
            problem: RwSignal::new(None),
            first_loading: RwSignal::new(true),
        }
    }

    pub fn row(&self, at: usize) -> Option<GridRow> {
        self.pages.with(|pages| {
            pages
                .get(&(at / PAGE))
                .and_then(|page| page.get(at % PAGE))
                .cloned()
        })
    }

    pub fn row_untracked(&self, at: usize) -> Option<GridRow> {
        untrack(|| self.row(at))
    }

    /// Starts over with another question. What is on screen stays until the answer is there, so that nothing flickers.
    pub fn ask(&self, question: GridQuery) {
        self.turn.update_value(|turn| *turn += 1);
        self.question.set_value(question);
        self.asked.set_value(Vec::new());
        self.next.set_value(None);
        self.problem.set(None);
        self.ended.set(false);
        self.fetch(0);
    }

    /// Sees to it that the rows `from..to` are there or on their way.
    pub fn want(&self, from: usize, to: usize) {
        if self.problem.with_untracked(Option::is_some) || self.asked.with_value(Vec::is_empty) {
            return;
        }
        let last = to.saturating_sub(1) / PAGE;
        if self.source.with_value(|source| source.anywhere) {
            let reach = self.reach.get_untracked();
            for page in from / PAGE..=last {
                if page * PAGE < reach {
                    self.fetch(page);
                }
            }
            return;
        }
        // In order: one page at a time, half a page before it is needed.
        let fetched = self.pages.with_untracked(HashMap::len);
        if !self.ended.get_untracked() && to + PAGE / 2 >= fetched * PAGE {
            self.fetch(fetched);
        }
    }

    fn fetch(&self, page: usize) {
        let this = *self;
        let known = this.asked.try_update_value(|asked| {
            let known = asked.contains(&page);
            if !known {
                asked.push(page);
            }
            known
        });
        if known.unwrap_or(true) {
            return;
        }
        let turn = this.turn.get_value();
        let query = GridQuery {
            cursor: if page == 0 {
                None
            } else {
                this.next.get_value()
            },
            offset: page * PAGE,
            limit: PAGE,
            ..this.question.get_value()
        };
        let coming = this.source.with_value(|source| (source.fetch)(query));
        leptos::task::spawn_local(async move {
            let answer = coming.await;
            // The grid may be gone, or the question another by now.
            if this.turn.try_get_value() != Some(turn) {
                return;
            }
            this.first_loading.set(false);
            match answer {
                Ok(answer) => {
                    let anywhere = this.source.with_value(|source| source.anywhere);
                    let end = answer.next.is_none();
                    let count = answer.rows.len();
                    this.pages.update(|pages| {
                        if page == 0 {
                            pages.clear();
                        }
                        pages.insert(page, Arc::new(answer.rows));
                    });
                    this.cut.set(answer.cut);
                    if page == 0 {
                        this.begun.update(|turn| *turn += 1);
                    }
                    this.next.set_value(answer.next);
                    if answer.total.is_some() || page == 0 {
                        this.total.set(answer.total);
                    }
                    if anywhere {
                        let total = answer.total.and_then(|total| usize::try_from(total).ok());
                        this.reach.set(total.unwrap_or(count));
                    } else {
                        this.ended.set(end);
                        // A few rows more than there are, so that one can scroll on.
                        this.reach
                            .set(page * PAGE + count + if end { 0 } else { 10 });
                    }
                }
                Err(problem) => {
                    this.asked
                        .update_value(|asked| asked.retain(|one| *one != page));
                    this.problem.set(Some(problem));
                }
            }
        });
    }

    pub fn retry(&self) {
        self.problem.set(None);
        let question = self.question.get_value();
        self.ask(question);
    }
}
