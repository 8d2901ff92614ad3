//! Words on a drawing: broken into lines that fit, never cut.

/// Roughly how wide a character is, in parts of the font's size. Good to a few per cent for Inter, and the same everywhere.
fn width_of(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '\'' | '.' | ',' | ':' | ';' | '|' | '!' => 0.27,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '-' | '/' => 0.36,
        'm' | 'M' | 'W' => 0.9,
        'w' | '@' | '%' => 0.78,
        'A'..='Z' | 'Á' | 'É' | 'Ó' | 'Ú' | 'Ñ' | '¿' => 0.68,
        c if c.is_ascii() || c < '\u{250}' => 0.57,
        _ => 1.0,
    }
}

pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(width_of).sum::<f64>() * size
}

/// Lines of at most `most` wide. A word that is wider than a line is broken inside.
pub fn wrapped(text: &str, most: f64, size: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let joined = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if width(&joined, size) <= most {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if width(&line, size) > most && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// The largest of a few sizes at which the text fits into a box, with its lines.
pub fn fitted(text: &str, wide: f64, high: f64) -> (f64, Vec<String>) {
    const SIZES: [f64; 6] = [12.0, 11.0, 10.0, 9.0, 8.0, 7.0];
    let mut last = (7.0, Vec::new());
    for size in SIZES {
        let lines = wrapped(text, wide, size);
        let whole_words = text
            .split_whitespace()
            .all(|word| width(word, size) <= wide);
        let fits = lines.len() as f64 * size * 1.2 <= high;
        last = (size, lines);
        if fits && whole_words {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_long_texts_get_smaller() {
        let text = "Recalcular el límite de la tarjeta y avisar inmediatamente";
        let (size, lines) = fitted(text, 90.0, 52.0);
        assert!(size < 12.0);
        assert_eq!(lines.join(" "), text);
        let (size, lines) = fitted("Anticonstitucionalidad", 60.0, 60.0);
        assert_eq!(lines.concat(), "Anticonstitucionalidad");
        assert!(size <= 12.0);
    }
}
