//! The places of a form, in reading order: each section, then its items.

use form::Form;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Section(usize),
    Item(usize, usize),
}

impl Place {
    /// As the form's problems name it.
    pub fn path(self) -> String {
        match self {
            Self::Section(section) => format!("sections[{section}]"),
            Self::Item(section, item) => format!("sections[{section}].items[{item}]"),
        }
    }
}

pub fn places(form: &Form) -> Vec<Place> {
    let sections = form.sections.iter().enumerate();
    sections
        .flat_map(|(at, section)| {
            std::iter::once(Place::Section(at))
                .chain((0..section.items.len()).map(move |item| Place::Item(at, item)))
        })
        .collect()
}

/// Which line a problem's place belongs to.
pub fn of_path(form: &Form, path: &str) -> Option<usize> {
    let places = places(form);
    // The longest fit: an item before its section.
    (0..places.len())
        .filter(|at| path.starts_with(&places[*at].path()))
        .max_by_key(|at| places[*at].path().len())
}

/// Where it comes to stand when it is moved one line; `None` at the ends. An item leaves its section at the section's end.
pub fn after_move(form: &Form, place: Place, down: bool) -> Option<Place> {
    match (place, down) {
        (Place::Section(at), true) => {
            (at + 1 < form.sections.len()).then_some(Place::Section(at + 1))
        }
        (Place::Section(at), false) => at.checked_sub(1).map(Place::Section),
        (Place::Item(section, at), true) if at + 1 < form.sections[section].items.len() => {
            Some(Place::Item(section, at + 1))
        }
        (Place::Item(section, _), true) => {
            (section + 1 < form.sections.len()).then_some(Place::Item(section + 1, 0))
        }
        (Place::Item(section, at), false) if at > 0 => Some(Place::Item(section, at - 1)),
        (Place::Item(section, _), false) => {
            let above = section.checked_sub(1)?;
            Some(Place::Item(above, form.sections[above].items.len()))
        }
    }
}

pub fn move_to(form: &mut Form, from: Place, to: Place) {
    match (from, to) {
        (Place::Section(from), Place::Section(to)) => form.sections.swap(from, to),
        (Place::Item(section, at), Place::Item(other, to)) => {
            let item = form.sections[section].items.remove(at);
            let items = &mut form.sections[other].items;
            items.insert(to.min(items.len()), item);
        }
        _ => {}
    }
}

/// Takes it out; a section with all that is in it.
pub fn remove(form: &mut Form, place: Place) {
    match place {
        Place::Section(at) => {
            form.sections.remove(at);
        }
        Place::Item(section, at) => {
            form.sections[section].items.remove(at);
        }
    }
}
