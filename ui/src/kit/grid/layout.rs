use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Column;
use crate::remember::remembered;

/// What the reader changed of a grid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    #[serde(default)]
    pub widths: BTreeMap<String, f64>,
    /// Columns shown or hidden against their default.
    #[serde(default)]
    pub shown: BTreeMap<String, bool>,
    #[serde(default)]
    pub sort: Option<(String, bool)>,
}

/// A column in its place.
#[derive(Clone)]
pub struct Placed {
    /// Its place among all columns, shown or not: where its cell is in a row.
    pub index: usize,
    pub column: Column,
    pub width: f64,
}

pub const NARROWEST: f64 = 48.0;
pub const WIDEST: f64 = 900.0;

pub fn kept(name: &str) -> RwSignal<Layout> {
    remembered(format!("engage.grid.{name}"), Layout::default())
}

impl Layout {
    pub fn shows(&self, column: &Column) -> bool {
        !column.unseen && self.shown.get(&column.key).copied().unwrap_or(column.shown)
    }

    pub fn place(&self, columns: &[Column]) -> Vec<Placed> {
        columns
            .iter()
            .enumerate()
            .filter(|(_, column)| self.shows(column))
            .map(|(index, column)| Placed {
                index,
                width: self
                    .widths
                    .get(&column.key)
                    .copied()
                    .unwrap_or(column.width),
                column: column.clone(),
            })
            .collect()
    }

    /// Ascending, descending, none.
    pub fn sort_by(&mut self, key: &str) {
        self.sort = match self.sort.take() {
            Some((by, false)) if by == key => Some((by, true)),
            Some((by, true)) if by == key => None,
            _ => Some((key.to_owned(), false)),
        };
    }
}
