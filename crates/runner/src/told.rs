//! Causes, for people: what a message says in each language, and what messages of the same cause have in common.

use kernel::Language;
use serde::{Deserialize, Serialize};

/// How much of a message tells causes apart.
const TELLING: usize = 300;
/// In place of what differs from case to case.
const OPEN: char = '…';

/// A message of the house in both languages. Where it is kept among the messages of other systems, it is JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub es: String,
    pub en: String,
}

impl Told {
    /// From what is said in a language.
    pub fn new(say: impl Fn(Language) -> String) -> Self {
        Self {
            es: say(Language::Es),
            en: say(Language::En),
        }
    }

    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Es => &self.es,
            Language::En => &self.en,
        }
    }

    fn read(message: &str) -> Option<Self> {
        serde_json::from_str(message).ok()
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| std::fmt::Error)?;
        f.write_str(&json)
    }
}

/// A kept message, for a reader: one of the house in their language, one of another system as it came.
pub fn told(message: String, language: Language) -> String {
    match Told::read(&message) {
        Some(told) => told.get(language).to_owned(),
        None => message,
    }
}

/// What a message has in common with others of its cause. Left open are words with a digit in them or an `@` (numbers, ids,
/// dates, addresses), and what stands in quotation marks; blanks count as one.
pub(crate) fn pattern(message: &str) -> String {
    let text = told(message.to_owned(), Language::Es);
    let mut pattern = String::new();
    let mut rest = &*text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        if pattern.len() > TELLING {
            break;
        }
        let taken = if let Some(length) = quoted(rest, before) {
            pattern.push(OPEN);
            length
        } else if is_word(first) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            // A full stop or a colon behind a word is not its own.
            let word = rest[..length].trim_end_matches(['.', ':', '/', '-', '+']);
            if word.is_empty() {
                pattern.push(first);
                first.len_utf8()
            } else {
                if word.contains(|c: char| c.is_ascii_digit() || c == '@') {
                    pattern.push(OPEN);
                } else {
                    pattern.push_str(word);
                }
                word.len()
            }
        } else if first.is_whitespace() {
            pattern.push(' ');
            rest.find(|c: char| !c.is_whitespace())
                .unwrap_or(rest.len())
        } else {
            pattern.push(first);
            first.len_utf8()
        };
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    pattern.trim().to_owned()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':' | '/' | '@')
}

/// How long what stands in quotation marks here is, with the marks. An apostrophe inside a word is none.
fn quoted(rest: &str, before: char) -> Option<usize> {
    let mut chars = rest.chars();
    let open = chars.next()?;
    let close = match open {
        '"' => '"',
        '«' => '»',
        '“' | '„' => '”',
        '\'' if !before.is_alphanumeric() => '\'',
        _ => return None,
    };
    let inner = chars.as_str();
    let ends = inner.char_indices().find(|(at, c)| {
        let after = inner[at + c.len_utf8()..].chars().next();
        *c == close && (close != '\'' || !after.is_some_and(char::is_alphanumeric))
    });
    ends.map(|(at, c)| open.len_utf8() + at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::{Told, pattern, told};
    use kernel::Language;

    #[test]
    fn what_differs_from_case_to_case_is_left_open() {
        for (message, expected) in [
            ("no such account 4711", "no such account …"),
            ("no such account: ES91-2100 0418", "no such account: … …"),
            (
                "timeout after 30.5s at https://core:8080/accounts/17.",
                "timeout after … at ….",
            ),
            (
                "instance 0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b gone",
                "instance … gone",
            ),
            ("el cliente «Ana Ruiz»  no existe", "el cliente … no existe"),
            ("el cliente \"Ana\" no existe", "el cliente … no existe"),
            ("it isn't 'here' or 'there'", "it isn't … or …"),
            ("to ana@example.org: refused", "to …: refused"),
            ("- .", "- ."),
            ("", ""),
        ] {
            assert_eq!(pattern(message), expected, "{message}");
        }
        let long = pattern(&"ábaco ".repeat(1_000));
        assert!(long.len() < 320, "{}", long.len());
    }

    #[test]
    fn messages_of_the_house_are_read_in_the_reader_s_language() {
        let both = Told::new(|language| match language {
            Language::Es => "no está «publicada»".into(),
            Language::En => "is not \"published\"".into(),
        });
        let kept = both.to_string();
        assert_eq!(told(kept.clone(), Language::En), "is not \"published\"");
        assert_eq!(told(kept.clone(), Language::Es), "no está «publicada»");
        assert_eq!(pattern(&kept), "no está …");
        let strange = r#"{"es": "x"}"#;
        assert_eq!(told(strange.to_owned(), Language::Es), strange);
    }
}
