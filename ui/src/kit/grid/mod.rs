//! The virtual data grid: columns decided at run time, rows from the service, forty of a hundred thousand in the page.
//!
//! - [`Column`]s come in as data (permission and layout decide them); a [`GridRow`] has a [`Cell`] for each, in order.
//! - Sorting and filtering are the service's: the grid asks its [`Source`] for pages and shows what comes. A column that says
//!   what it holds ([`Filtering`]) can be asked about; the conditions stand as chips above the rows, for that person alone and
//!   until the page is closed (a device remembers nothing of what somebody looked for).
//! - Which columns are shown, how wide and in which order of rows is remembered under the grid's name.
//! - WAI-ARIA grid: one tab stop, arrows move, Home and End within the row, Ctrl+Home and Ctrl+End to the first and last
//!   row, PageUp and PageDown by what is in sight, Enter opens the row (on a heading: sorts).

mod body;
mod filter;
mod head;
mod layout;
mod pages;

use std::{future::Future, pin::Pin, sync::Arc};

use kernel::Filter;
use leptos::prelude::*;

pub use body::DataGrid;
pub use filter::Filtering;

use super::Tone;
use crate::problem::Problem;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    /// Figures and amounts.
    End,
}

/// A column, known at run time.
#[derive(Clone)]
pub struct Column {
    /// What the service calls it when it sorts.
    pub key: String,
    pub label: Signal<String>,
    /// In CSS pixels, until the reader drags it.
    pub width: f64,
    pub align: Align,
    pub sortable: bool,
    /// Shown until the reader chooses otherwise.
    pub shown: bool,
    /// What it holds, where the service can be asked about it.
    pub filtering: Option<Filtering>,
    /// It has no cells and is only asked about.
    pub unseen: bool,
}

impl Column {
    pub fn new(key: impl Into<String>, label: impl Into<Signal<String>>, width: f64) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            width,
            align: Align::Start,
            sortable: false,
            shown: true,
            filtering: None,
            unseen: false,
        }
    }
    /// Has no cells and is only asked about. Stands behind all that have.
    pub fn asked(
        key: impl Into<String>,
        label: impl Into<Signal<String>>,
        filtering: Filtering,
    ) -> Self {
        Self {
            unseen: true,
            ..Self::new(key, label, 0.0).filtered(filtering)
        }
    }
    pub fn filtered(mut self, filtering: Filtering) -> Self {
        self.filtering = Some(filtering);
        self
    }
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }
    pub fn figures(mut self) -> Self {
        self.align = Align::End;
        self
    }
    /// Not shown until asked for.
    pub fn spare(mut self) -> Self {
        self.shown = false;
        self
    }
}

/// What stands in one place of the grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    /// What the row is known by.
    Strong(String),
    State(String, Tone),
    /// There is a value, but not for this reader.
    Locked,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GridRow {
    pub key: String,
    /// One for each column, in the columns' order.
    pub cells: Vec<Cell>,
}

/// What the grid asks its source for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridQuery {
    /// What is typed in the grid's search box.
    pub text: String,
    /// Column key, and whether descending.
    pub sort: Option<(String, bool)>,
    /// What the conditions on columns amount to; nothing where there are none.
    pub filter: Option<Filter>,
    /// For sources that go on from a cursor: what the page before said.
    pub cursor: Option<String>,
    /// For sources that can begin anywhere.
    pub offset: usize,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridPage {
    pub rows: Vec<GridRow>,
    pub next: Option<String>,
    pub total: Option<u64>,
    /// These are the best of more, and no others can be had.
    pub cut: bool,
}

/// A page on its way.
pub type Coming = Pin<Box<dyn Future<Output = Result<GridPage, Problem>>>>;

/// Where rows come from.
#[derive(Clone)]
pub struct Source {
    fetch: Arc<dyn Fn(GridQuery) -> Coming + Send + Sync>,
    anywhere: bool,
}

impl Source {
    /// A list that goes on from a cursor (all lists of the API): rows are fetched in order as they come into sight.
    pub fn in_order<F>(fetch: impl Fn(GridQuery) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<GridPage, Problem>> + 'static,
    {
        Self {
            fetch: Arc::new(move |query| Box::pin(fetch(query))),
            anywhere: false,
        }
    }

    /// A list that can begin at any row and knows how many there are: the scroll bar reaches all of it at once.
    pub fn anywhere<F>(fetch: impl Fn(GridQuery) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<GridPage, Problem>> + 'static,
    {
        Self {
            anywhere: true,
            ..Self::in_order(fetch)
        }
    }
}
