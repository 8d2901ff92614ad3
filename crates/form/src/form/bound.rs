use kernel::FieldProblem;
use rules::Expression;
use serde::Serialize;

use crate::Words;
use crate::form::{Form, Item, Source};
use crate::schema::FieldSpec;

/// A form joined with its customer type's fields, its expressions read.
#[derive(Clone, Debug)]
pub struct BoundForm {
    pub(super) form: Form,
    /// All fields of the customer type: expressions see them typed, whether or not the form shows them.
    pub(super) customer: Vec<FieldSpec>,
    pub(super) slots: Vec<Slot>,
    pub(super) sections: Vec<Option<Expression>>,
    pub(super) pop_ups: Vec<Option<Expression>>,
    pub(super) notes: Vec<Note>,
}

/// A sentence in its place.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub section: usize,
    pub item: usize,
    pub visible: Option<Expression>,
}

/// A field in its place.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub path: String,
    /// With `required` taken out: whether it is required is the form's to say.
    pub spec: FieldSpec,
    pub required: bool,
    pub section: usize,
    pub item: usize,
    pub own: bool,
    /// A customer's field that the form only shows.
    pub shown_only: bool,
    pub visible: Option<Expression>,
    pub required_if: Option<Expression>,
    pub computed: Option<Expression>,
    pub initial: Option<Expression>,
    pub rule: Option<Expression>,
}

/// One place of the form as the screen draws it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutlineItem {
    pub section: String,
    /// `None` for a note.
    pub path: Option<String>,
    pub label: Words,
    /// The word of the kind, or `note`.
    pub kind: &'static str,
    /// First column (from 1) and how many.
    pub column: u8,
    pub span: u8,
    /// From 1: row within the section.
    pub row: u16,
    /// From 1, through the whole form; `None` for what cannot be typed into.
    pub tab: Option<u16>,
}

impl BoundForm {
    pub(super) fn new(form: &Form, customer: &[FieldSpec]) -> Result<Self, Vec<FieldProblem>> {
        let mut slots = Vec::new();
        for (s, section) in form.sections.iter().enumerate() {
            for (i, item) in section.items.iter().enumerate() {
                slots.extend(slot(item, customer, s, i));
            }
        }
        let read = |text: &Option<String>| text.as_deref().and_then(|t| Expression::parse(t).ok());
        let places = form.sections.iter().enumerate().flat_map(|(section, of)| {
            let items = of.items.iter().enumerate();
            items.map(move |(index, item)| (section, index, item))
        });
        let notes = places
            .filter(|(_, _, item)| matches!(item.source, Source::Note(_)))
            .map(|(section, item, note)| Note {
                section,
                item,
                visible: read(&note.visible),
            })
            .collect();
        Ok(Self {
            customer: customer.to_vec(),
            notes,
            slots,
            sections: form.sections.iter().map(|s| read(&s.visible)).collect(),
            pop_ups: form.pop_ups.iter().map(|p| read(&p.when)).collect(),
            form: form.clone(),
        })
    }

    pub fn form(&self) -> &Form {
        &self.form
    }

    /// The definition of the field with this path.
    pub fn field(&self, path: &str) -> Option<&FieldSpec> {
        self.slot(path).map(|slot| &slot.spec)
    }

    pub(super) fn slot(&self, path: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.path == path)
    }

    pub(super) fn item(&self, slot: &Slot) -> &Item {
        &self.form.sections[slot.section].items[slot.item]
    }

    /// Every place in reading order, with its cell in the section's grid and its place in the tab order. Places that a
    /// condition hides are in it too: the screen leaves them out without moving the tab order of the others.
    pub fn outline(&self) -> Vec<OutlineItem> {
        let mut outline = Vec::new();
        let mut tab = 0;
        for section in &self.form.sections {
            let columns = section.columns.clamp(1, 3);
            let (mut row, mut column) = (1, 1);
            for item in &section.items {
                let span = item.span.clamp(1, columns);
                if column + span > columns + 1 {
                    (row, column) = (row + 1, 1);
                }
                let path = item.path();
                let slot = path.as_deref().and_then(|path| self.slot(path));
                let typed = slot.is_some_and(|slot| slot.computed.is_none() && !slot.shown_only);
                if typed {
                    tab += 1;
                }
                let (label, kind) = match (&item.source, slot) {
                    (Source::Note(words), _) => (words.clone(), "note"),
                    (_, Some(slot)) => (slot.spec.label.clone(), slot.spec.kind.word()),
                    (_, None) => (Words::default(), "note"),
                };
                outline.push(OutlineItem {
                    section: section.key.clone(),
                    path,
                    label,
                    kind,
                    column,
                    span,
                    row,
                    tab: typed.then_some(tab),
                });
                column += span;
            }
        }
        outline
    }
}

fn slot(item: &Item, customer: &[FieldSpec], section: usize, index: usize) -> Option<Slot> {
    let (mut spec, own, shown_only) = match &item.source {
        Source::Field(field) => (field.clone(), true, false),
        Source::Customer(bound) => {
            let field = customer.iter().find(|field| field.key == bound.field)?;
            (field.clone(), false, !bound.editable)
        }
        Source::Note(_) => return None,
    };
    let read = |text: Option<&str>| text.and_then(|text| Expression::parse(text).ok());
    let required = std::mem::take(&mut spec.required);
    Some(Slot {
        path: item.path()?,
        spec,
        required,
        section,
        item: index,
        own,
        shown_only,
        visible: read(item.visible.as_deref()),
        required_if: read(item.required_if.as_deref()),
        computed: read(item.computed.as_deref()),
        initial: read(item.initial.as_deref()),
        rule: read(item.rule.as_ref().map(|rule| rule.holds.as_str())),
    })
}
