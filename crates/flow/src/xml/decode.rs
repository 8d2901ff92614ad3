//! From the bytes of a file to its text, by what the file says of itself (XML 1.0, appendix F): the mark at its beginning,
//! else the encoding in its first line, else UTF-8. Nothing is guessed and nothing replaced: what does not fit is refused.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{MAX_BYTES, too_large};
use crate::problem::{Problem, ProblemCode};

/// A declaration stands at the very beginning and is short.
const DECLARATION: usize = 512;

pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large(bytes.len()));
    }
    let unknown = |name: &str| Problem::new(ProblemCode::UnknownEncoding, [name]);
    // Before UTF-16, whose mark is the beginning of this one.
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(unknown("UTF-32"));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return read(&bytes[mark..], encoding);
    }
    // Without a mark `<` and what follows it tell how wide the letters are.
    match bytes {
        [b'<', 0, ..] => return read(bytes, UTF_16LE),
        [0, b'<', ..] => return read(bytes, UTF_16BE),
        _ => {}
    }
    let Some(declared) = declared(bytes) else {
        return read(bytes, UTF_8);
    };
    // Read letter by letter so far, so it is not UTF-16 whatever it says: some tools write that line and then UTF-8.
    let encoding = match Encoding::for_label_no_replacement(declared.as_bytes()) {
        Some(wide) if wide == UTF_16LE || wide == UTF_16BE => UTF_8,
        Some(encoding) => encoding,
        None => return Err(unknown(&declared)),
    };
    // Letters of one byte fit any bytes: were it UTF-8 in truth, each accent would become two signs and nobody would be told.
    if encoding.is_single_byte() && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        return Err(Problem::new(ProblemCode::MislabelledEncoding, [declared]));
    }
    read(bytes, encoding)
}

fn read<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Result<Cow<'b, str>, Problem> {
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let wrong = |text: &str| {
        let line = text.matches('\n').count() + 1;
        let column = text.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Problem::new(ProblemCode::WrongEncoding, [encoding.name()]).at(place(line), place(column))
    };
    let most = decoder
        .max_utf8_buffer_length_without_replacement(bytes.len())
        .ok_or_else(|| too_large(bytes.len()))?;
    let mut text = String::with_capacity(most);
    match decoder
        .decode_to_string_without_replacement(bytes, &mut text, true)
        .0
    {
        DecoderResult::InputEmpty => Ok(Cow::Owned(text)),
        DecoderResult::Malformed(..) | DecoderResult::OutputFull => Err(wrong(&text)),
    }
}

/// The encoding that the first line names: `<?xml version="1.0" encoding="ISO-8859-1"?>`.
fn declared(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(DECLARATION)];
    let head = start.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|two| two == b"?>")?;
    let head = String::from_utf8_lossy(&head[..end]);
    let (_, after) = head.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value[1..].split(quote).next()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
