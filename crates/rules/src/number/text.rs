//! Numbers from text and back.

use std::fmt;
use std::str::FromStr;

use super::{DIGITS, Number, finish};

/// The text is not a FEEL number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

impl FromStr for Number {
    type Err = NotANumber;

    /// An optional sign, digits, an optional point with digits behind it, an optional exponent. Digits beyond the 34th are
    /// rounded half-even.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, power) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (mut coefficient, mut shift, mut sticky, mut seen) = (0_u128, 0_i64, false, false);
        let mut behind_point = false;
        for byte in mantissa.bytes() {
            match byte {
                b'0'..=b'9' => {
                    seen = true;
                    let digit = u128::from(byte - b'0');
                    // Four digits more than are kept decide the rounding; what follows only breaks ties.
                    if coefficient < 10_u128.pow(DIGITS + 3) {
                        coefficient = coefficient * 10 + digit;
                        shift -= i64::from(behind_point);
                    } else {
                        sticky |= digit != 0;
                        shift += i64::from(!behind_point);
                    }
                }
                b'.' if !behind_point => behind_point = true,
                _ => return Err(NotANumber),
            }
        }
        if !seen || mantissa.ends_with('.') {
            return Err(NotANumber);
        }
        let exponent = i32::try_from(shift + power).map_err(|_| NotANumber)?;
        finish(negative, coefficient, exponent, sticky).ok_or(NotANumber)
    }
}

fn exponent(text: &str) -> Result<i64, NotANumber> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotANumber);
    }
    text.parse().map_err(|_| NotANumber)
}

/// Beyond this many places a number is written with an exponent, as nobody counts the zeros.
const LONGEST_PLAIN: i32 = 60;

impl fmt::Display for Number {
    /// The shortest form: no zeros at the end of the fraction, a zero before the point, no exponent unless it would need more
    /// than sixty places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, coefficient, exponent) = self.normalize().parts();
        if negative {
            f.write_str("-")?;
        }
        let digits = coefficient.to_string();
        let point = i32::try_from(digits.len()).unwrap_or(0) + exponent;
        if !(-LONGEST_PLAIN..=LONGEST_PLAIN).contains(&point) {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            return write!(f, "{first}{dot}{rest}E{:+}", point - 1);
        }
        if exponent >= 0 {
            return write!(
                f,
                "{digits}{}",
                "0".repeat(exponent.unsigned_abs() as usize)
            );
        }
        if point <= 0 {
            return write!(f, "0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
        }
        let (whole, fraction) = digits.split_at(point.unsigned_abs() as usize);
        write!(f, "{whole}.{fraction}")
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_the_round_trip() {
        for (text, expected) in [
            ("007", "7"),
            ("1.50", "1.5"),
            ("-.5", "-0.5"),
            ("1e3", "1000"),
            ("1.23E-4", "0.000123"),
            ("0.000", "0"),
            ("-0", "0"),
            ("1E200", "1E+200"),
            ("1.5E-200", "1.5E-200"),
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), expected);
        }
        for text in ["", ".", "1.", "-", "1e", "1e+", "1.2.3", "0x1", "1 2", "١"] {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text}");
        }
        let long: Number = "1234567890123456789012345678901234500000000000000000000001"
            .parse()
            .unwrap();
        assert_eq!(
            long.parts(),
            (false, 1_234_567_890_123_456_789_012_345_678_901_235, 24)
        );
    }
}
