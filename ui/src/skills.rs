//! How well somebody can do something.

use leptos::prelude::*;

use crate::{kit::Choice, t};

/// From a beginner to a master, as people say it.
pub fn levels() -> Signal<Vec<Choice>> {
    Signal::derive(|| {
        [
            ("1", "skill-level-1"),
            ("2", "skill-level-2"),
            ("3", "skill-level-3"),
            ("4", "skill-level-4"),
            ("5", "skill-level-5"),
        ]
        .map(|(level, name)| Choice::new(level, t!(name)))
        .to_vec()
    })
}
