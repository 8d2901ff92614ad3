//! Identity documents and tax numbers, with their check digits.

use serde::{Deserialize, Serialize};

/// How a document number is checked and written. The rule is the designer's choice per field (A-16: numbers that break
/// the rule exist in real lists).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentRule {
    /// Letters and digits, 3 to 30, no check digit.
    #[default]
    None,
    /// Argentina, CUIT and CUIL: 11 digits, the last by modulo 11.
    Cuit,
    /// Argentina: 7 or 8 digits.
    Dni,
    /// Mexico: 12 (company) or 13 (person) characters, the last by modulo 11 (SAT, anexo del RFC).
    Rfc,
    /// Chile: up to 8 digits and a check character 0-9 or K.
    Rut,
    /// Spain: DNI, NIE and company NIF (CIF), by their check letter or digit.
    Nif,
    /// Peru: 11 digits, the last by modulo 11.
    Ruc,
}

impl DocumentRule {
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Cuit,
        Self::Dni,
        Self::Rfc,
        Self::Rut,
        Self::Nif,
        Self::Ruc,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Cuit => "cuit",
            Self::Dni => "dni",
            Self::Rfc => "rfc",
            Self::Rut => "rut",
            Self::Nif => "nif",
            Self::Ruc => "ruc",
        }
    }
}

/// The canonical number, or the code of what is wrong: `bad_document` (its form) or `bad_check_digit`.
pub(super) fn check(rule: DocumentRule, typed: &str) -> Result<String, &'static str> {
    let compact: String = typed
        .trim()
        .chars()
        .filter(|c| !matches!(c, '.' | '-' | ' ' | '/' | '\u{a0}'))
        .flat_map(char::to_uppercase)
        .collect();
    if !compact
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, 'Ñ' | '&'))
    {
        return Err("bad_document");
    }
    let digits = compact.bytes().all(|b| b.is_ascii_digit());
    let (formed, holds) = match rule {
        DocumentRule::None => ((3..=30).contains(&compact.chars().count()), true),
        DocumentRule::Cuit => (digits && compact.len() == 11, cuit(&compact)),
        DocumentRule::Dni => (digits && matches!(compact.len(), 7 | 8), true),
        DocumentRule::Ruc => (digits && compact.len() == 11, ruc(&compact)),
        DocumentRule::Rut if compact.is_ascii() => {
            let (body, last) = compact.split_at(compact.len().saturating_sub(1));
            let formed = (1..=8).contains(&body.len())
                && body.bytes().all(|b| b.is_ascii_digit())
                && last.bytes().all(|b| b.is_ascii_digit() || b == b'K');
            (formed, rut(body) == last.chars().next())
        }
        DocumentRule::Rut => (false, false),
        DocumentRule::Rfc => (rfc_formed(&compact), rfc(&compact)),
        DocumentRule::Nif => match nif(&compact) {
            None => (false, false),
            Some(holds) => (true, holds),
        },
    };
    match (formed, holds) {
        (false, _) => Err("bad_document"),
        (true, false) => Err("bad_check_digit"),
        (true, true) => Ok(compact),
    }
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    digits.bytes().map(|b| u32::from(b.wrapping_sub(b'0')))
}

const ELEVEN: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

fn eleven(digits: &str) -> u32 {
    11 - values(digits).zip(ELEVEN).map(|(d, w)| d * w).sum::<u32>() % 11
}

/// 11 stands for 0. The registry avoids 10 by another prefix; numbers that were given out all the same end in 9.
fn cuit(digits: &str) -> bool {
    let wanted = match eleven(digits) {
        10 => 9,
        rest => rest % 11,
    };
    values(digits).next_back() == Some(wanted)
}

/// 10 stands for 0 and 11 for 1.
fn ruc(digits: &str) -> bool {
    values(digits).next_back() == Some(eleven(digits) % 10)
}

fn rut(body: &str) -> Option<char> {
    let sum: u32 = values(body)
        .rev()
        .zip([2, 3, 4, 5, 6, 7].into_iter().cycle())
        .map(|(d, w)| d * w)
        .sum();
    match 11 - sum % 11 {
        11 => Some('0'),
        10 => Some('K'),
        digit => char::from_digit(digit, 10),
    }
}

/// Three or four letters, a date `YYMMDD`, two characters and the check character.
fn rfc_formed(rfc: &str) -> bool {
    let chars: Vec<char> = rfc.chars().collect();
    let letters = match chars.len() {
        12 => 3,
        13 => 4,
        _ => return false,
    };
    let (name, rest) = chars.split_at(letters);
    let date: String = rest[..6].iter().collect();
    let day = |range: std::ops::Range<usize>| date.get(range).and_then(|t| t.parse::<u8>().ok());
    name.iter()
        .all(|c| c.is_ascii_uppercase() || matches!(c, 'Ñ' | '&'))
        && date.bytes().all(|b| b.is_ascii_digit())
        && day(2..4).is_some_and(|m| (1..=12).contains(&m))
        && day(4..6).is_some_and(|d| (1..=31).contains(&d))
        && rest[6..8].iter().all(char::is_ascii_alphanumeric)
        && (rest[8].is_ascii_digit() || rest[8] == 'A')
}

fn rfc(rfc: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ";
    let mut padded: Vec<char> = rfc.chars().collect();
    if padded.len() == 12 {
        padded.insert(0, ' ');
    }
    let Some((last, body)) = padded.split_last() else {
        return false;
    };
    let mut sum = 0;
    for (c, weight) in body.iter().zip((2..=13).rev()) {
        let Some(value) = ALPHABET.chars().position(|a| a == *c) else {
            return false;
        };
        sum += value * weight;
    }
    let wanted = match 11 - sum % 11 {
        11 => '0',
        10 => 'A',
        digit => char::from_digit(u32::try_from(digit).unwrap_or(0), 10).unwrap_or('0'),
    };
    *last == wanted
}

/// `None`: not the form of any Spanish number; else whether its check holds.
fn nif(number: &str) -> Option<bool> {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    if number.len() != 9 || !number.is_ascii() {
        return None;
    }
    let first = number.chars().next()?;
    let last = number.chars().next_back()?;
    let middle = &number[1..8];
    if !middle.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let lettered = |digits: &str| {
        let value: usize = digits.parse().ok()?;
        Some(char::from(LETTERS[value % 23]) == last)
    };
    match first {
        '0'..='9' if last.is_ascii_uppercase() => lettered(&number[..8]),
        'X' | 'Y' | 'Z' if last.is_ascii_uppercase() => {
            let lead = match first {
                'X' => '0',
                'Y' => '1',
                _ => '2',
            };
            lettered(&format!("{lead}{middle}"))
        }
        'K' | 'L' | 'M' if last.is_ascii_uppercase() => lettered(middle),
        'A'..='J' | 'N' | 'P'..='S' | 'U'..='W' => {
            let sum: u32 = values(middle)
                .enumerate()
                .map(|(i, d)| match i % 2 {
                    0 => d * 2 / 10 + d * 2 % 10,
                    _ => d,
                })
                .sum();
            let control = (10 - sum % 10) % 10;
            let letter = b"JABCDEFGHI"
                .get(usize::try_from(control).ok()?)
                .map(|b| char::from(*b))?;
            let digit = char::from_digit(control, 10)?;
            Some(match first {
                'P' | 'Q' | 'R' | 'S' | 'N' | 'W' => last == letter,
                'A' | 'B' | 'E' | 'H' => last == digit,
                _ => last == letter || last == digit,
            })
        }
        _ => None,
    }
}
