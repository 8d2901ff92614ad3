//! How text is compared when a person looks for something: accents, case and punctuation do not matter.

/// The form in which names are searched: lower case, no accents, `ñ` as `n`, anything that is neither letter nor digit
/// as one blank, no blanks at the ends.
///
/// `"  D'Alessandro, Iñés "` becomes `"d alessandro ines"`. Both databases store what this function made, so both find
/// alike.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().flat_map(char::to_lowercase) {
        match plain(c) {
            Folded::Letter(c) => push(&mut folded, &mut gap, c),
            Folded::Two(a, b) => {
                push(&mut folded, &mut gap, a);
                folded.push(b);
            }
            Folded::Mark => {}
            Folded::Gap => gap = !folded.is_empty(),
        }
    }
    folded
}

/// The one of `among` that was probably meant by a misspelt name: it differs by two letters at most, and by fewer than half
/// of them. Of equals the first of the alphabet, so that the same mistake gets the same advice.
pub fn nearest<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (name.chars().count() / 2).min(2);
    let near = among.filter_map(|known| {
        let far = distance(name, known);
        (far <= limit).then_some((far, known))
    });
    near.min().map(|(_, known)| known)
}

/// How many letters must be added, taken away or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// Only the digits: how telephone numbers and documents are compared.
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn push(folded: &mut String, gap: &mut bool, c: char) {
    if std::mem::take(gap) {
        folded.push(' ');
    }
    folded.push(c);
}

enum Folded {
    Letter(char),
    Two(char, char),
    /// A combining accent: it vanishes without leaving a gap.
    Mark,
    Gap,
}

fn plain(c: char) -> Folded {
    Folded::Letter(match c {
        'a'..='z' | '0'..='9' => c,
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ß' => return Folded::Two('s', 's'),
        'æ' => return Folded::Two('a', 'e'),
        'œ' => return Folded::Two('o', 'e'),
        '\u{300}'..='\u{36f}' => return Folded::Mark,
        c if c.is_alphanumeric() => c,
        _ => return Folded::Gap,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_matter() {
        assert_eq!(fold("  D'Alessandro, Iñés "), "d alessandro ines");
        assert_eq!(fold("MÜLLER-Groß"), "muller gross");
        // The same name, composed and decomposed.
        assert_eq!(fold("Yésica"), fold("Ye\u{301}sica"));
        assert_eq!(fold("—"), "");
        assert_eq!(digits("+54 9 11 5109-3439"), "5491151093439");
    }

    #[test]
    fn the_nearest_name_is_the_one_that_was_meant() {
        let among = || ["amount", "mount", "count"].into_iter();
        assert_eq!(nearest("amuont", among()), Some("amount"));
        assert_eq!(nearest("id", ["of", "amount"].into_iter()), None);
    }
}
