//! From bytes to rows: encodings and comma-separated values, a piece at a time. What is held in memory is one piece and one
//! row, however large the file is.

use encoding_rs::{CoderResult, Decoder};
use serde::{Deserialize, Serialize};

kernel::stored_words! {
    /// How the file's letters are written.
    pub enum Encoding {
        Utf8 = "utf-8",
        /// Also reads ISO 8859-1, of which it is the superset that is meant when people say "Latin-1".
        Windows1252 = "windows-1252",
        Utf16Le = "utf-16le",
        Utf16Be = "utf-16be",
    }
}

impl Encoding {
    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
        }
        .new_decoder_with_bom_removal()
    }
}

/// How rows and cells are told apart (RFC 4180, with other delimiters).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dialect {
    pub encoding: Encoding,
    pub delimiter: char,
    pub quote: char,
}

/// A row of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawRow {
    /// As a person counts who opens the file in a spreadsheet: the first row is 1, a line break inside quotes begins no row.
    pub number: i64,
    pub cells: Vec<String>,
    /// A cell was longer than [`MAX_CELL`], most likely because a quote was never closed. The row ends where the line did.
    pub broken: bool,
}

/// No cell may be longer, in bytes.
pub const MAX_CELL: usize = 64 * 1024;
/// A row may not have more cells.
pub const MAX_COLUMNS: usize = 500;

/// Takes pieces of the file, gives rows.
pub struct Rows {
    decoder: Decoder,
    delimiter: u8,
    quote: u8,
    number: i64,
    cells: Vec<String>,
    cell: Vec<u8>,
    state: State,
    broken: bool,
    /// There is something on the row: an empty line is no row.
    begun: bool,
    text: String,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    CellBegin,
    Plain,
    Quoted,
    /// A quote inside quotes: the end, or half of a doubled one.
    QuoteInQuoted,
    AfterReturn,
    /// The rest of a row that broke.
    Skipping,
}

impl Rows {
    pub fn new(dialect: Dialect) -> Self {
        let ascii = |c: char, or: u8| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(or);
        Self {
            decoder: dialect.encoding.decoder(),
            delimiter: ascii(dialect.delimiter, b','),
            quote: ascii(dialect.quote, b'"'),
            number: 0,
            cells: Vec::new(),
            cell: Vec::new(),
            state: State::CellBegin,
            broken: false,
            begun: false,
            text: String::new(),
        }
    }

    /// Feeds a piece; `last` when there is no more. Each whole row goes to `take`.
    pub fn feed(&mut self, mut piece: &[u8], last: bool, take: &mut impl FnMut(RawRow)) {
        let mut text = std::mem::take(&mut self.text);
        loop {
            text.clear();
            text.reserve(64 * 1024);
            let (result, read, _) = self.decoder.decode_to_string(piece, &mut text, last);
            piece = &piece[read..];
            for byte in text.bytes() {
                self.step(byte, take);
            }
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        self.text = text;
        if last && (self.begun || !self.cells.is_empty()) {
            self.end_row(take);
        }
    }

    fn step(&mut self, byte: u8, take: &mut impl FnMut(RawRow)) {
        if self.state == State::AfterReturn {
            self.state = State::CellBegin;
            if byte == b'\n' {
                return;
            }
        }
        match self.state {
            State::Quoted if byte == self.quote => self.state = State::QuoteInQuoted,
            State::Quoted => self.push(byte),
            State::QuoteInQuoted if byte == self.quote => {
                self.push(byte);
                if self.state != State::Skipping {
                    self.state = State::Quoted;
                }
            }
            State::CellBegin if byte == self.quote => {
                self.begun = true;
                self.state = State::Quoted;
            }
            State::Skipping if byte != b'\n' => {}
            _ if byte == self.delimiter => {
                self.begun = true;
                self.end_cell();
            }
            _ if byte == b'\n' => self.end_line(take),
            _ if byte == b'\r' => {
                self.end_line(take);
                self.state = State::AfterReturn;
            }
            // What stands between a closing quote and the delimiter belongs to the cell, as spreadsheets read it.
            _ => {
                self.begun = true;
                self.state = State::Plain;
                self.push(byte);
            }
        }
    }

    fn push(&mut self, byte: u8) {
        if self.cell.len() >= MAX_CELL {
            // The line on which the quote was opened is the one that is broken; those after it are lost with it up to
            // here, which the report says.
            self.broken = true;
            if let Some(end) = self.cell.iter().position(|b| *b == b'\n') {
                self.cell.truncate(end);
            }
            self.cell.truncate(200);
            self.state = State::Skipping;
            return;
        }
        self.cell.push(byte);
    }

    fn end_cell(&mut self) {
        self.state = State::CellBegin;
        if self.cells.len() < MAX_COLUMNS {
            // The text came out of the decoder, so it is UTF-8 up to where a broken cell was cut.
            self.cells
                .push(String::from_utf8_lossy(&self.cell).into_owned());
        }
        self.cell.clear();
    }

    fn end_line(&mut self, take: &mut impl FnMut(RawRow)) {
        if self.begun {
            self.end_row(take);
        } else {
            // An empty line is a row to a person who counts, and nothing to anybody else.
            self.number += 1;
            self.state = State::CellBegin;
        }
    }

    fn end_row(&mut self, take: &mut impl FnMut(RawRow)) {
        self.end_cell();
        self.number += 1;
        self.begun = false;
        let broken = std::mem::take(&mut self.broken);
        let cells = std::mem::take(&mut self.cells);
        self.cells.reserve(cells.len());
        take(RawRow {
            number: self.number,
            cells,
            broken,
        });
    }
}

/// Whether bytes that come in pieces are UTF-8 as a whole.
#[derive(Debug, Default)]
pub struct Utf8Check {
    carried: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    pub fn feed(&mut self, piece: &[u8]) {
        if self.broken {
            return;
        }
        let joined;
        let bytes = if self.carried.is_empty() {
            piece
        } else {
            joined = [&self.carried[..], piece].concat();
            &joined[..]
        };
        match std::str::from_utf8(bytes) {
            Ok(_) => self.carried = Vec::new(),
            // Cut in the middle of a letter.
            Err(error) if error.error_len().is_none() => {
                self.carried = bytes[error.valid_up_to()..].to_vec();
            }
            Err(_) => self.broken = true,
        }
    }

    pub fn holds(&self) -> bool {
        !self.broken && self.carried.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8], encoding: Encoding, step: usize) -> Vec<RawRow> {
        let mut rows = Rows::new(Dialect {
            encoding,
            delimiter: ';',
            quote: '"',
        });
        let mut found = Vec::new();
        for piece in bytes.chunks(step) {
            rows.feed(piece, false, &mut |row| found.push(row));
        }
        rows.feed(&[], true, &mut |row| found.push(row));
        found
    }

    #[test]
    fn quotes_breaks_and_empty_lines_are_read_alike_however_the_file_is_cut() {
        let text = "a;\"b;\"\"c\"\"\nd\";é\r\n\r\n;x\r\n\"q\"z;1";
        for step in [1, 2, 3, 7, 100] {
            let found = rows(text.as_bytes(), Encoding::Utf8, step);
            let cells: Vec<_> = found
                .iter()
                .map(|r| {
                    (
                        r.number,
                        r.cells.iter().map(String::as_str).collect::<Vec<_>>(),
                    )
                })
                .collect();
            assert_eq!(
                cells,
                [
                    (1, vec!["a", "b;\"c\"\nd", "é"]),
                    (3, vec!["", "x"]),
                    (4, vec!["qz", "1"])
                ],
                "{step}"
            );
        }
        let latin: Vec<u8> = "ñ;ü\n".chars().map(|c| u8::try_from(c).unwrap()).collect();
        assert_eq!(rows(&latin, Encoding::Windows1252, 1)[0].cells, ["ñ", "ü"]);
        let wide: Vec<u8> = "\u{feff}ñ;ü"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(rows(&wide, Encoding::Utf16Le, 3)[0].cells, ["ñ", "ü"]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_no_more_memory_than_a_cell() {
        let mut text = String::from("ok;1\nbad;\"open\n");
        for i in 0..20_000 {
            text.push_str(&format!("row;{i}\n"));
        }
        let found = rows(text.as_bytes(), Encoding::Utf8, 4_096);
        assert!(!found[0].broken && found[1].broken);
        assert_eq!(found[1].cells, ["bad", "open"]);
        assert!(
            found.len() > 10_000,
            "reading goes on behind it: {}",
            found.len()
        );
        assert!(found.last().is_some_and(|r| r.cells == ["row", "19999"]));
    }

    #[test]
    fn utf8_is_told_from_latin_1_across_pieces() {
        let mut check = Utf8Check::default();
        for byte in "José Müller".as_bytes() {
            check.feed(&[*byte]);
        }
        assert!(check.holds());
        check.feed(&[0xe9, b'a']);
        assert!(!check.holds());
    }
}
