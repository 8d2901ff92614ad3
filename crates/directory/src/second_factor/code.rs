//! Time-based one-time codes: RFC 6238 over RFC 4226, with what every authenticator knows: SHA-1, 6 digits, 30 seconds.
//! Pure: the time comes in as a value.

use kernel::Moment;
use qrcode::{Color, EcLevel, QrCode};
use ring::hmac;

/// Seconds.
const STEP: i64 = 30;
/// A device's clock may be a step ahead or behind (RFC 6238 §5.2 asks for no more than what delays need).
const DRIFT: i64 = 1;
/// Bytes of a secret: RFC 4226 §4 R6 recommends 160 bits.
pub(super) const SECRET: usize = 20;

/// The code of one time step.
fn code(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let hash = tag.as_ref();
    // RFC 4226 §5.3: the last four bits say from where.
    let from = usize::from(hash[19] & 15);
    let cut = [
        hash[from] & 0x7f,
        hash[from + 1],
        hash[from + 2],
        hash[from + 3],
    ];
    u32::from_be_bytes(cut) % 1_000_000
}

/// The time step whose code this is, now or a step away; `None` for every other code. Blanks between the digits are how
/// people read them.
pub(super) fn step_of(secret: &[u8], typed: &str, now: Moment) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let wanted: u32 = digits.parse().ok()?;
    let present = now.as_micros().div_euclid(1_000_000).div_euclid(STEP);
    // All three are computed, whichever it is.
    (present - DRIFT..=present + DRIFT)
        .filter(|step| code(secret, *step) == wanted)
        .max()
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4648 §6, without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits) & 31) as usize]));
    }
    text
}

pub(super) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for c in text.bytes().filter(|c| !c.is_ascii_whitespace()) {
        let value = ALPHABET.iter().position(|a| *a == c.to_ascii_uppercase())?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 255).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// What an authenticator reads from the picture: the form of Google's key URI, which all of them know.
pub(super) fn uri(secret: &[u8], issuer: &str, login: &str) -> String {
    let encoded = |text: &str| {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    format!(
        "otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
        issuer = encoded(issuer),
        login = encoded(login),
        secret = base32(secret),
    )
}

/// A QR code as the path of an SVG drawing: `size` modules wide, each dark one a square of 1. No script and no picture from
/// elsewhere is needed to show it, and the secret leaves the screen with the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Modules with the quiet zone of four on each side (ISO/IEC 18004 §9.1).
    pub size: usize,
    pub path: String,
}

pub(super) fn picture(text: &str) -> Option<Picture> {
    use std::fmt::Write as _;
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            write!(path, "M{x} {y}h1v1h-1z").ok()?;
        }
    }
    Some(Picture {
        size: width + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_at(secret: &[u8], now: Moment) -> String {
        let step = now.as_micros().div_euclid(1_000_000).div_euclid(STEP);
        format!("{:06}", code(secret, step))
    }

    const RFC: &[u8] = b"12345678901234567890";

    /// RFC 6238 appendix B, the last six of its eight digits.
    #[test]
    fn the_rfcs_own_codes() {
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Moment::from_micros(seconds * 1_000_000);
            assert_eq!(code_at(RFC, now), wanted);
            assert_eq!(step_of(RFC, wanted, now), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_holds_one_step_around_and_no_longer() {
        let at = |seconds: i64| Moment::from_micros(seconds * 1_000_000);
        let code = code_at(RFC, at(3_000_000));
        for (late, holds) in [
            (-31, false),
            (-30, true),
            (0, true),
            (30, true),
            (59, true),
            (60, false),
        ] {
            let found = step_of(RFC, &code, at(3_000_000 + late));
            assert_eq!(found.is_some(), holds, "{late} s later");
        }
        for wrong in ["", "12345", "1234567", "12345a", "-12345", "١٢٣٤٥٦"] {
            assert_eq!(step_of(RFC, wrong, at(0)), None, "{wrong}");
        }
        assert!(
            step_of(
                RFC,
                &format!("{} {}", &code[..3], &code[3..]),
                at(3_000_000)
            )
            .is_some()
        );
    }

    #[test]
    fn base32_is_the_rfcs() {
        for (plain, coded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), coded);
            assert_eq!(
                from_base32(&coded.to_lowercase()).unwrap(),
                plain.as_bytes()
            );
        }
        assert_eq!(from_base32("0189"), None);
    }

    #[test]
    fn the_picture_is_a_qr_code() {
        let text = uri(RFC, "Engage & Co", "ana@banco");
        assert_eq!(
            text,
            "otpauth://totp/Engage%20%26%20Co:ana%40banco?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Engage%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
        let picture = picture(&text).unwrap();
        // The first finder pattern begins right after the quiet zone.
        assert!(picture.path.starts_with("M4 4h1v1h-1z"));
        assert!(picture.size >= 21 + 8);
    }
}
