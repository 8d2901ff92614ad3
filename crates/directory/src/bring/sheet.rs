//! A CSV file (RFC 4180) as a spreadsheet would show it: headings, and rows with their numbers.

use kernel::{Error, Result};

/// Rows of one file. A larger organisation comes in several files.
pub const MOST_ROWS: usize = 5_000;
/// The whole file in bytes.
pub const MOST_BYTES: usize = 4 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub delimiter: char,
    pub headings: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts: the headings are row 1.
    pub number: u32,
    pub cells: Vec<String>,
}

impl Sheet {
    /// The delimiter is the one of `,` `;` and tab that stands most often in the first line. Empty rows are counted and
    /// passed over.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MOST_BYTES {
            return Err(Error::new(kernel::Code::TooLarge).with("limit", "4 MiB"));
        }
        let first = text.lines().next().unwrap_or_default();
        let count = |sign: char| first.matches(sign).count();
        let delimiter = [',', ';', '\t']
            .into_iter()
            .rev()
            .max_by_key(|sign| count(*sign))
            .unwrap_or(',');
        let mut rows = records(text, delimiter)?.into_iter().enumerate();
        let headings = rows.next().map(|(_, cells)| cells).unwrap_or_default();
        let rows: Vec<Row> = rows
            .filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()))
            .map(|(at, cells)| Row {
                number: u32::try_from(at + 1).unwrap_or(u32::MAX),
                cells,
            })
            .collect();
        if rows.is_empty() {
            return Err(Error::invalid("text", "empty_file"));
        }
        if rows.len() > MOST_ROWS {
            return Err(Error::new(kernel::Code::TooLarge).with("limit", MOST_ROWS));
        }
        Ok(Self {
            delimiter,
            headings: headings.into_iter().map(|h| h.trim().to_owned()).collect(),
            rows,
        })
    }
}

fn records(text: &str, delimiter: char) -> Result<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let (mut record, mut cell) = (Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            // A quote inside a plain cell is a letter like another.
            '"' if cell.is_empty() => quoted = true,
            _ if quoted => cell.push(letter),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            _ if letter == delimiter => record.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    if quoted {
        return Err(Error::invalid(
            format!("row {}", records.len() + 1),
            "unclosed_quote",
        ));
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    Ok(records)
}

/// One line of CSV. A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV
/// injection).
pub fn line(cells: &[&str], delimiter: char) -> String {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(delimiter);
        }
        let guarded = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            format!("'{cell}")
        } else {
            (*cell).to_owned()
        };
        if guarded.contains(['"', '\n', '\r', delimiter]) {
            line.push('"');
            line.push_str(&guarded.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&guarded);
        }
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_a_spreadsheet_shows_it() {
        let sheet = Sheet::read(
            "\u{feff}usuario;nombre\r\nana;\"Ana; la \"\"jefa\"\"\nde todo\"\r\n;\r\nbeto;Beto\n",
        )
        .unwrap();
        assert_eq!(sheet.delimiter, ';');
        assert_eq!(sheet.headings, ["usuario", "nombre"]);
        let rows: Vec<_> = sheet
            .rows
            .iter()
            .map(|r| (r.number, r.cells[1].as_str()))
            .collect();
        assert_eq!(rows, [(2, "Ana; la \"jefa\"\nde todo"), (4, "Beto")]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let unclosed = Sheet::read("a,b\n\"x,y\n").unwrap_err();
        assert_eq!(unclosed.fields()[0].code, "unclosed_quote");
        let empty = Sheet::read("login,name\n\n,\n").unwrap_err();
        assert_eq!(empty.fields()[0].code, "empty_file");
    }

    #[test]
    fn what_is_written_is_read_back_and_is_no_formula() {
        let text = line(&["a", "=1+1", "x,\"y\"\nz"], ',');
        let sheet = Sheet::read(&format!("1,2,3\r\n{text}")).unwrap();
        assert_eq!(sheet.rows[0].cells, ["a", "'=1+1", "x,\"y\"\nz"]);
    }
}
