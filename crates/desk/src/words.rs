//! By which words a customer is found, and what somebody meant who typed something into the search box.
//!
//! A record has *words*, each with a mark for its kind; a query has *parts*, each of which must be the beginning of one of
//! the record's words. Both databases index the words as they stand, the search verifies every hit by [`Query::rank`]:
//! what may not be seen has no words, so it finds nothing.

use std::fmt::Write as _;

use form::{CustomerSchema, FieldKind, schema::DocumentRule};
use kernel::text;
use serde_json::{Map, Value};
use store::Kind;

use crate::Contact;

/// The kinds of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Mark {
    /// A word of a name or of another searchable text, folded.
    Name,
    /// A document number: lower case, letters and digits only.
    Document,
    /// The last eight digits of a telephone number: what people type who know the local number.
    Local,
    /// All digits of a telephone number, with the country's.
    Phone,
    /// All digits backwards: "ends in 3439".
    Ending,
    /// A whole e-mail address.
    Email,
}

impl Mark {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Name => "",
            Self::Document => "#",
            Self::Local => "+",
            Self::Phone => "+_",
            Self::Ending => "-",
            Self::Email => "@",
        }
    }

    /// Shorter beginnings would match so many that asking the index for them is of no use to anybody.
    const fn shortest(self) -> usize {
        match self {
            Self::Name => 2,
            Self::Document | Self::Local | Self::Ending => 4,
            // The country's and the carrier's digits are the same for most.
            Self::Phone => 7,
            Self::Email => 3,
        }
    }
}

/// A word with its mark.
pub type Word = (Mark, String);

/// The words of a customer's own fields, as far as `may` lets them be seen.
pub fn of_customer(
    schema: &CustomerSchema,
    canonical: &Map<String, Value>,
    may: &dyn Fn(&str) -> bool,
) -> Vec<Word> {
    let mut words = Vec::with_capacity(12);
    for field in &schema.fields {
        let Some(value) = canonical.get(&field.key).and_then(Value::as_str) else {
            continue;
        };
        match &field.kind {
            FieldKind::Text | FieldKind::LongText
                if (field.searchable || schema.title.contains(&field.key)) && may(&field.key) =>
            {
                names(&mut words, value);
            }
            FieldKind::Document { rule } if may(&field.key) => document(&mut words, *rule, value),
            FieldKind::Phone { .. } if may(&field.key) => phone(&mut words, value),
            FieldKind::Email if may(&field.key) => email(&mut words, value),
            _ => {}
        }
    }
    words
}

/// The words by which a contact's customer is found.
pub fn of_contact(contact: &Contact, may: &dyn Fn(&str) -> bool) -> Vec<Word> {
    let mut words = Vec::with_capacity(8);
    if may("name") {
        names(&mut words, &contact.name);
    }
    if let Some(number) = contact.document.as_deref().filter(|_| may("document")) {
        document(&mut words, DocumentRule::None, number);
    }
    for (field, number) in [("phone", &contact.phone), ("mobile", &contact.mobile)] {
        if let Some(number) = number.as_deref().filter(|_| may(field)) {
            phone(&mut words, number);
        }
    }
    if let Some(address) = contact.email.as_deref().filter(|_| may("email")) {
        email(&mut words, address);
    }
    words
}

/// The words as the database keeps them: each once, with a blank between.
///
/// PostgreSQL gets the first two letters of each name as a word of its own: looking those up as a beginning would
/// collect hundreds of thousands of rows. SQLite's full-text index has that built in.
pub fn stored(kind: Kind, words: &[Word]) -> String {
    let mut marked: Vec<String> = Vec::with_capacity(words.len() * 2);
    for (mark, word) in words {
        marked.push(format!("{}{word}", mark.prefix()));
        if kind == Kind::Postgres
            && *mark == Mark::Name
            && let Some(two) = two_letters(word)
        {
            marked.push(format!("^{two}"));
        }
    }
    marked.sort_unstable();
    marked.dedup();
    marked.join(" ")
}

/// The one word by which a whole value of this kind is looked up; `None` for kinds that have none.
pub(crate) fn exact(kind: &FieldKind, value: &str) -> Option<String> {
    let (mark, word) = match kind {
        FieldKind::Document { .. } => (Mark::Document, plain(value)),
        FieldKind::Phone { .. } => (Mark::Phone, text::digits(value)),
        FieldKind::Email => (Mark::Email, address(value)),
        _ => return None,
    };
    Some(format!("{}{word}", mark.prefix()))
}

fn two_letters(word: &str) -> Option<&str> {
    let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
    (word.chars().nth(1).is_some()).then(|| &word[..end])
}

fn names(words: &mut Vec<Word>, value: &str) {
    words.extend(
        text::fold(value)
            .split(' ')
            .filter(|w| !w.is_empty())
            .map(|w| (Mark::Name, w.to_owned())),
    );
}

fn document(words: &mut Vec<Word>, rule: DocumentRule, value: &str) {
    let plain = plain(value);
    // People give the national number that stands inside the tax number.
    if rule == DocumentRule::Cuit
        && let Some(inner) = plain.get(2..10)
    {
        words.push((Mark::Document, inner.trim_start_matches('0').to_owned()));
    }
    words.push((Mark::Document, plain));
}

fn phone(words: &mut Vec<Word>, value: &str) {
    let digits = text::digits(value);
    if digits.is_empty() {
        return;
    }
    words.push((Mark::Local, ending(&digits, 8).to_owned()));
    words.push((Mark::Ending, digits.chars().rev().collect()));
    words.push((Mark::Phone, digits));
}

/// The last `n` digits.
fn ending(digits: &str, n: usize) -> &str {
    digits
        .get(digits.len().saturating_sub(n)..)
        .unwrap_or(digits)
}

fn email(words: &mut Vec<Word>, value: &str) {
    words.push((Mark::Email, address(value)));
}

/// An address in the letters that both indexes keep in one piece.
fn address(value: &str) -> String {
    let keep = |c: char| {
        if c.is_alphanumeric() || matches!(c, '.' | '-' | '@') {
            c
        } else {
            '_'
        }
    };
    value.trim().to_lowercase().chars().map(keep).collect()
}

/// Letters and digits only, lower case.
fn plain(value: &str) -> String {
    value
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What somebody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// All folded, as one name: `"maria gonz"`.
    name: String,
    parts: Vec<Part>,
}

/// A part is met by any of its readings: `5109` may be the beginning of a document, or of a local number, or the end of
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part(Vec<Word>);

/// What the database is asked.
#[derive(Default)]
pub(crate) struct Asked {
    pub question: String,
    /// Of names that the question asks for by two letters only: how a word of the row must begin.
    pub beginnings: Vec<String>,
}

impl Asked {
    fn part(&mut self, kind: Kind, readings: &[&Word], coarse: bool) {
        let (and, or) = match kind {
            Kind::Sqlite => (" AND ", " OR "),
            Kind::Postgres => (" & ", " | "),
        };
        let asked = &mut self.question;
        if !asked.is_empty() {
            asked.push_str(and);
        }
        asked.push('(');
        for (i, (mark, word)) in readings.iter().enumerate() {
            if i > 0 {
                asked.push_str(or);
            }
            // No quotes or backslashes survive folding; nevertheless nothing of the sort gets through here.
            let word: String = word
                .chars()
                .filter(|c| !matches!(c, '"' | '\'' | '\\'))
                .collect();
            let _ = match kind {
                Kind::Sqlite => write!(asked, "\"{}{word}\" *", mark.prefix()),
                Kind::Postgres if *mark == Mark::Name && (coarse || word.chars().count() == 2) => {
                    write!(asked, "'^{}'", two_letters(&word).unwrap_or_default())
                }
                Kind::Postgres => write!(asked, "'{}{word}':*", mark.prefix()),
            };
        }
        asked.push(')');
    }
}

/// How well a record fits; the smaller the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The whole name, document, number or address.
    Exact,
    /// The name begins with what was typed.
    Beginning,
    /// Every word typed is a whole word of the record.
    Whole,
    /// Every word typed is the beginning of one.
    Partial,
}

impl Query {
    /// The longest text that is looked at; what comes after it is not.
    pub const MAX_CHARS: usize = 120;
    const MAX_PARTS: usize = 8;

    /// `calling_codes` are those of the countries whose numbers people type without them (`54`).
    pub fn new(typed: &str, calling_codes: &[&str]) -> Self {
        let typed: String = typed.chars().take(Self::MAX_CHARS).collect();
        let mut parts = Vec::new();
        let mut digits = String::new();
        for word in typed.split_whitespace() {
            if word
                .chars()
                .all(|c| c.is_ascii_digit() || "+-./()".contains(c))
            {
                // `51 09-34 39` is one number.
                digits.push_str(&text::digits(word));
                continue;
            }
            number(&mut parts, &digits, calling_codes);
            digits.clear();
            letters(&mut parts, word);
        }
        number(&mut parts, &digits, calling_codes);
        parts.truncate(Self::MAX_PARTS);
        Self {
            name: text::fold(&typed),
            parts,
        }
    }

    /// Nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The beginning of a name that would be found in the order of names; `None` where names are not asked for.
    pub(crate) fn name(&self) -> Option<&str> {
        let named = self
            .parts
            .iter()
            .all(|p| p.0.iter().any(|(mark, _)| *mark == Mark::Name));
        (named && !self.name.is_empty()).then_some(&*self.name)
    }

    /// How words must begin, where every part is read as a name's and as nothing else.
    pub(crate) fn beginnings(&self) -> Option<Vec<&str>> {
        fn name(part: &Part) -> Option<&str> {
            match &part.0[..] {
                [(Mark::Name, word)] => Some(word.as_str()),
                _ => None,
            }
        }
        self.parts.iter().map(name).collect()
    }

    /// The question for the index, in its own language; `None` where every part is too short to be asked.
    ///
    /// PostgreSQL pays for every row that the beginning of a word meets. It looks up the longest part as the beginning
    /// that it is, of other names the first two letters, which it has as a word; the rest is read in the rows themselves.
    pub(crate) fn asked(&self, kind: Kind) -> Option<Asked> {
        let length = |part: &Part| part.0.iter().map(|(_, word)| word.len()).max();
        let longest = self.parts.iter().enumerate().max_by_key(|p| length(p.1))?.0;
        let mut asked = Asked::default();
        for (at, part) in self.parts.iter().enumerate() {
            let readings: Vec<_> = part
                .0
                .iter()
                .filter(|(mark, word)| word.chars().count() >= mark.shortest())
                .collect();
            let name = match readings[..] {
                // It is left to the verification of what the other parts find.
                [] => continue,
                [(Mark::Name, name)]
                    if kind == Kind::Postgres && at != longest && name.chars().count() > 2 =>
                {
                    asked.beginnings.push(name.clone());
                    Some(name)
                }
                _ => None,
            };
            asked.part(kind, &readings, name.is_some());
        }
        (!asked.question.is_empty()).then_some(asked)
    }

    /// How well a record with these words and this name fits; `None`: not at all.
    pub fn rank(&self, name: &str, words: &[Word]) -> Option<Rank> {
        let mut whole = true;
        for part in &self.parts {
            let mut met = false;
            let mut met_whole = false;
            for (mark, begin) in &part.0 {
                for (of, word) in words {
                    if of == mark && word.starts_with(begin.as_str()) {
                        met = true;
                        met_whole |= word.len() == begin.len();
                    }
                }
            }
            if !met {
                return None;
            }
            whole &= met_whole;
        }
        let named = self.name().is_some();
        let name = text::fold(name);
        Some(if named && name == self.name || !named && whole {
            Rank::Exact
        } else if named && name.starts_with(&self.name) {
            Rank::Beginning
        } else if whole {
            Rank::Whole
        } else {
            Rank::Partial
        })
    }
}

fn number(parts: &mut Vec<Part>, digits: &str, calling_codes: &[&str]) {
    if digits.is_empty() {
        return;
    }
    let mut readings = vec![(Mark::Name, digits.to_owned())];
    if digits.len() >= Mark::Document.shortest() {
        readings.push((Mark::Document, digits.to_owned()));
        readings.push((Mark::Local, digits.to_owned()));
        readings.push((Mark::Ending, digits.chars().rev().collect()));
        readings.push((Mark::Phone, digits.to_owned()));
        if digits.len() >= 5 {
            let national = digits.trim_start_matches('0');
            for code in calling_codes {
                readings.push((Mark::Phone, format!("{code}{national}")));
                // Argentine mobile numbers carry a 9 behind the country's code that nobody types.
                if *code == "54" {
                    readings.push((Mark::Phone, format!("549{national}")));
                }
            }
        }
        // Whatever stands before the local number (country, carrier, trunk) differs by habit; eight digits do not.
        if digits.len() > 8 {
            readings.push((Mark::Local, ending(digits, 8).to_owned()));
        }
    }
    parts.push(Part(readings));
}

fn letters(parts: &mut Vec<Part>, word: &str) {
    let folded = text::fold(word);
    let pieces: Vec<&str> = folded.split(' ').filter(|p| !p.is_empty()).collect();
    let telling = word
        .chars()
        .any(|c| c.is_ascii_digit() || matches!(c, '@' | '.' | '_'));
    if !telling || word.chars().count() < 3 {
        parts.extend(
            pieces
                .into_iter()
                .map(|p| Part(vec![(Mark::Name, p.to_owned())])),
        );
        return;
    }
    let mut readings = vec![(Mark::Email, address(word.trim_start_matches('@')))];
    if !word.contains('@') {
        let plain = plain(word);
        if plain.chars().filter(char::is_ascii_digit).count() >= 2
            && plain.len() >= Mark::Document.shortest()
        {
            readings.push((Mark::Document, plain));
        }
        if let [one] = pieces[..] {
            readings.push((Mark::Name, one.to_owned()));
        } else if !word.chars().any(|c| c.is_ascii_digit()) && !word.contains('_') {
            // `j.perez`: the beginning of an address, or a name whose first piece must do.
            readings.extend(pieces.first().map(|p| (Mark::Name, (*p).to_owned())));
        }
    }
    parts.push(Part(readings));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vec<Word> {
        let mut words = Vec::new();
        names(&mut words, "Cynthia Müller D'Alessandro");
        document(&mut words, DocumentRule::Cuit, "20087950981");
        phone(&mut words, "+5491151093439");
        email(&mut words, "Cynthia.Muller0@Example.com");
        words
    }

    fn rank(typed: &str) -> Option<Rank> {
        Query::new(typed, &["54"]).rank("Cynthia Müller D'Alessandro", &words())
    }

    #[test]
    fn one_is_found_by_any_beginning_in_any_order() {
        assert_eq!(rank("cynthia muller d'alessandro"), Some(Rank::Exact));
        assert_eq!(rank("CYNTHIA MÜL"), Some(Rank::Beginning));
        assert_eq!(rank("muller cynthia"), Some(Rank::Whole));
        assert_eq!(rank("aless cyn"), Some(Rank::Partial));
        assert_eq!(rank("cyn x"), None);
        assert_eq!(rank("ynthia"), None);
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for typed in [
            "5109-3439",
            "51093439",
            "5109",
            "3439",
            "093439",
            "1151093439",
            "11 5109",
            "+54 9 11 5109-3439",
            "+54 11 5109-3439",
            "(011) 5109-3439",
            "5491151",
            "20-08795098-1",
            "20.087.950.981",
            "8795098",
            "08795098",
        ] {
            assert!(rank(typed).is_some() == (typed != "08795098"), "{typed}");
        }
        assert_eq!(rank("5108"), None);
        assert_eq!(rank("cynthia 5109"), Some(Rank::Partial));
    }

    #[test]
    fn addresses_are_found_from_their_beginning() {
        assert_eq!(rank("cynthia.muller0@example.com"), Some(Rank::Exact));
        assert_eq!(rank("cynthia.mul"), Some(Rank::Beginning));
        assert_eq!(rank("cynthia.muller0@ex"), Some(Rank::Partial));
        assert_eq!(rank("example.com"), None);
    }

    #[test]
    fn what_is_asked_cannot_break_out_of_its_quotes() {
        for typed in ["a\"b' OR \\", "x' | '^a", "\"* OR words:\"a"] {
            let query = Query::new(typed, &[]);
            for kind in [Kind::Sqlite, Kind::Postgres] {
                let quote = if kind == Kind::Sqlite { '"' } else { '\'' };
                let asked = query.asked(kind).map_or(String::new(), |a| a.question);
                for (i, inner) in asked.split(quote).enumerate() {
                    assert!(
                        i % 2 == 0
                            || inner
                                .chars()
                                .all(|c| c.is_alphanumeric() || "^#+-_@.".contains(c)),
                        "{asked}"
                    );
                }
            }
        }
    }
}
