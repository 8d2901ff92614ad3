//! Sets of characters.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::super::unicode_blocks;

/// A set of characters: the union of its items, turned round or not, less another one.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    pub(super) negated: bool,
    pub(super) items: Vec<Item>,
    pub(super) without: Option<Box<Class>>,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Range(char, char),
    Digit(bool),
    Space(bool),
    Word(bool),
    NameStart(bool),
    NamePart(bool),
    Group(GeneralCategoryGroup, bool),
    Category(GeneralCategory, bool),
    Block(u32, u32, bool),
}

/// The character in lower and upper case and as it is.
pub(super) fn variants(c: char) -> impl Iterator<Item = char> {
    let single = |mut letters: std::iter::Peekable<std::vec::IntoIter<char>>| {
        let first = letters.next();
        if letters.peek().is_none() {
            first
        } else {
            None
        }
    };
    let lower = single(c.to_lowercase().collect::<Vec<_>>().into_iter().peekable());
    let upper = single(c.to_uppercase().collect::<Vec<_>>().into_iter().peekable());
    [Some(c), lower, upper].into_iter().flatten()
}

impl Class {
    pub(super) fn matches(&self, c: char, ignore_case: bool) -> bool {
        let listed = |c| self.items.iter().any(|item| item.matches(c));
        let inside = if ignore_case {
            variants(c).any(listed)
        } else {
            listed(c)
        };
        inside != self.negated
            && self
                .without
                .as_ref()
                .is_none_or(|without| !without.matches(c, ignore_case))
    }
}

impl Item {
    /// A category, group of categories or block by the name between the braces of `\p{…}`.
    pub(super) fn property(name: &str, positive: bool) -> Option<Self> {
        if let Some(block) = name.strip_prefix("Is") {
            let (start, end) = unicode_blocks::find(block)?;
            return Some(Self::Block(start, end, positive));
        }
        let group = match name {
            "L" => GeneralCategoryGroup::Letter,
            "M" => GeneralCategoryGroup::Mark,
            "N" => GeneralCategoryGroup::Number,
            "P" => GeneralCategoryGroup::Punctuation,
            "Z" => GeneralCategoryGroup::Separator,
            "S" => GeneralCategoryGroup::Symbol,
            "C" => GeneralCategoryGroup::Other,
            _ => return category(name).map(|category| Self::Category(category, positive)),
        };
        Some(Self::Group(group, positive))
    }

    fn matches(&self, c: char) -> bool {
        match *self {
            Self::Range(first, last) => (first..=last).contains(&c),
            Self::Digit(positive) => {
                (c.general_category() == GeneralCategory::DecimalNumber) == positive
            }
            Self::Space(positive) => matches!(c, ' ' | '\t' | '\n' | '\r') == positive,
            Self::Word(positive) => {
                let other = matches!(
                    c.general_category_group(),
                    GeneralCategoryGroup::Punctuation
                        | GeneralCategoryGroup::Separator
                        | GeneralCategoryGroup::Other
                );
                other != positive
            }
            Self::NameStart(positive) => is_xml_name_start(c) == positive,
            Self::NamePart(positive) => {
                let part = is_xml_name_start(c)
                    || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}');
                part == positive
            }
            Self::Group(group, positive) => (c.general_category_group() == group) == positive,
            Self::Category(category, positive) => (c.general_category() == category) == positive,
            Self::Block(start, end, positive) => (start..=end).contains(&u32::from(c)) == positive,
        }
    }
}

const fn is_xml_name_start(c: char) -> bool {
    matches!(c, ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn category(name: &str) -> Option<GeneralCategory> {
    Some(match name {
        "Lu" => GeneralCategory::UppercaseLetter,
        "Ll" => GeneralCategory::LowercaseLetter,
        "Lt" => GeneralCategory::TitlecaseLetter,
        "Lm" => GeneralCategory::ModifierLetter,
        "Lo" => GeneralCategory::OtherLetter,
        "Mn" => GeneralCategory::NonspacingMark,
        "Mc" => GeneralCategory::SpacingMark,
        "Me" => GeneralCategory::EnclosingMark,
        "Nd" => GeneralCategory::DecimalNumber,
        "Nl" => GeneralCategory::LetterNumber,
        "No" => GeneralCategory::OtherNumber,
        "Pc" => GeneralCategory::ConnectorPunctuation,
        "Pd" => GeneralCategory::DashPunctuation,
        "Ps" => GeneralCategory::OpenPunctuation,
        "Pe" => GeneralCategory::ClosePunctuation,
        "Pi" => GeneralCategory::InitialPunctuation,
        "Pf" => GeneralCategory::FinalPunctuation,
        "Po" => GeneralCategory::OtherPunctuation,
        "Zs" => GeneralCategory::SpaceSeparator,
        "Zl" => GeneralCategory::LineSeparator,
        "Zp" => GeneralCategory::ParagraphSeparator,
        "Sm" => GeneralCategory::MathSymbol,
        "Sc" => GeneralCategory::CurrencySymbol,
        "Sk" => GeneralCategory::ModifierSymbol,
        "So" => GeneralCategory::OtherSymbol,
        "Cc" => GeneralCategory::Control,
        "Cf" => GeneralCategory::Format,
        "Co" => GeneralCategory::PrivateUse,
        "Cn" => GeneralCategory::Unassigned,
        _ => return None,
    })
}
