//! Lists as files: CSV and XLSX, streamed, in bounded memory.
//!
//! Cells are text, never formulas: in CSV a text that a spreadsheet would take for a formula gets an apostrophe before it
//! (OWASP, CSV injection); in XLSX every text is stored as text, and such a one is marked as quoted besides, so that saving
//! it as CSV from there keeps it harmless. The right to export is asked for again before every part.

use std::fs::File;
use std::io::Read as _;
use std::str::FromStr;

use async_stream::stream;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future::BoxFuture;
use kernel::{Error, Moment, Result};
use ledger::Actor;
use ledger::audit::{self, Entry, Outcome};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook, Worksheet, XlsxError};

use crate::App;
use crate::http::Session;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Xlsx,
}

impl FromStr for Format {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            _ => Err(Error::invalid("format", "export_format")),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64),
    /// A decimal number as it is written: CSV keeps every digit.
    Exact(String),
    /// In UTC.
    Moment(Moment),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.unwrap_or_default())
    }
}

pub type Row = Vec<Cell>;

/// Where the rows come from and what is told at the end.
pub trait Rows: Send + 'static {
    /// The next rows as this session may see them (asked anew each time); `None` at the end. Fails where it may not export
    /// any more.
    fn next(&mut self, session: Session) -> BoxFuture<'_, Result<Option<Vec<Row>>>>;
    /// Whether this session may have what was read before.
    fn may(&self, session: &Session) -> Result<()>;
    /// Who exports, and the entry of the trail that says how it ended.
    fn ended(&self) -> (Actor, Entry);
}

/// What the file is called and its columns.
pub struct Table {
    /// Without an ending.
    pub file: &'static str,
    pub sheet: String,
    pub headings: Vec<String>,
}

/// It has come to its end, or broke off because of this. A file that is out already is not taken back because the entry
/// cannot be written.
async fn ended(app: &App, (actor, entry): (Actor, Entry), count: u64, broke_off: Option<&Error>) {
    let outcome = match broke_off {
        None => Outcome::Done,
        Some(error) if error.code().status() < 500 => Outcome::Refused,
        Some(_) => Outcome::Failed,
    };
    let entry = entry.ended(outcome).note(count.to_string());
    let written = async {
        let mut tx = app.db.write().await?;
        audit::record(&mut tx, app.ambient.now(), &actor, entry);
        tx.commit().await
    };
    if let Err(error) = written.await {
        tracing::error!(%error, "could not record how an export ended");
    }
}

/// A spreadsheet holds no more rows than 1,048,576; more go on in a sheet of their own.
const SHEET_ROWS: u32 = 1_000_000;
/// How long a cell may be: Excel's limit.
const CELL: usize = 32_767;

/// Answers with the file.
pub fn answer(
    app: App,
    headers: HeaderMap,
    format: Format,
    table: Table,
    rows: impl Rows,
) -> Response {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let name = format!("attachment; filename=\"{}.{ending}\"", table.file);
    let body = match format {
        Format::Csv => Body::from_stream(csv(app, headers, table, rows)),
        Format::Xlsx => Body::from_stream(xlsx(app, headers, table, rows)),
    };
    let disposition =
        HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        body,
    )
        .into_response()
}

/// What the asker may see now: signed out, or without the right, nothing goes out any more.
async fn part(app: &App, headers: &HeaderMap, rows: &mut impl Rows) -> Result<Option<Vec<Row>>> {
    let session = Session::of(app, headers).await?;
    rows.next(session).await
}

fn csv(
    app: App,
    headers: HeaderMap,
    table: Table,
    mut rows: impl Rows,
) -> impl futures::Stream<Item = Result<Bytes>> {
    stream! {
        let headings: Row = table.headings.into_iter().map(Cell::Text).collect();
        // The mark tells spreadsheets that it is UTF-8.
        yield Ok(Bytes::from(format!("\u{feff}{}", line(&headings))));
        let mut count = 0;
        loop {
            match part(&app, &headers, &mut rows).await {
                Ok(Some(some)) => {
                    count += some.len() as u64;
                    yield Ok(Bytes::from(some.iter().map(line).collect::<String>()));
                }
                Ok(None) => {
                    ended(&app, rows.ended(), count, None).await;
                    return;
                }
                // The download breaks off: better than a file that looks whole.
                Err(error) => {
                    ended(&app, rows.ended(), count, Some(&error)).await;
                    yield Err(error);
                    return;
                }
            }
        }
    }
}

/// What spreadsheets take for the beginning of a formula, also after blanks.
fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n'])
        || text
            .trim_start()
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%'])
}

fn line(row: &Row) -> String {
    let mut line = String::new();
    for (i, cell) in row.iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        let text = match cell {
            Cell::Text(text) if is_formula(text) => format!("'{text}"),
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Exact(number) => number.clone(),
            Cell::Moment(at) => at.to_string(),
        };
        if text.contains(['"', ',', '\n', '\r', ';', '\t', '\'']) {
            line.push('"');
            line.push_str(&text.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&text);
        }
    }
    line.push_str("\r\n");
    line
}

fn failed(error: XlsxError) -> Error {
    Error::internal(error)
}

struct Looks {
    head: Look,
    at: Look,
    quoted: Look,
}

/// The book on its way; rows go to a temporary file as they come.
struct Book {
    book: Workbook,
    looks: Looks,
    sheet: String,
    headings: Vec<String>,
    sheets: usize,
    row: u32,
}

impl Book {
    fn new(table: Table) -> Result<Self> {
        let looks = Looks {
            head: Look::new().set_bold(),
            at: Look::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            quoted: Look::new().set_quote_prefix(),
        };
        let mut this = Self {
            book: Workbook::new(),
            looks,
            sheet: table.sheet.chars().take(25).collect(),
            headings: table.headings,
            sheets: 0,
            row: 0,
        };
        this.next_sheet()?;
        Ok(this)
    }

    fn next_sheet(&mut self) -> Result<()> {
        self.sheets += 1;
        let name = if self.sheets == 1 {
            self.sheet.clone()
        } else {
            format!("{} {}", self.sheet, self.sheets)
        };
        let sheet = self
            .book
            .add_worksheet_with_constant_memory()
            .map_err(failed)?;
        sheet.set_name(&name).map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet
                .write_string_with_format(0, column, heading, &self.looks.head)
                .map_err(failed)?;
            sheet.set_column_width(column, 22).map_err(failed)?;
        }
        self.row = 1;
        Ok(())
    }

    fn add(&mut self, rows: &[Row]) -> Result<()> {
        for row in rows {
            if self.row >= SHEET_ROWS {
                self.next_sheet()?;
            }
            let last = self.sheets - 1;
            let sheet = self.book.worksheet_from_index(last).map_err(failed)?;
            write(sheet, self.row, row, &self.looks).map_err(failed)?;
            self.row += 1;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<File> {
        let mut file = tempfile::tempfile().map_err(Error::internal)?;
        self.book.save_to_writer(&mut file).map_err(failed)?;
        std::io::Seek::rewind(&mut file).map_err(Error::internal)?;
        Ok(file)
    }
}

fn write(sheet: &mut Worksheet, at: u32, row: &Row, looks: &Looks) -> Result<(), XlsxError> {
    for (column, cell) in (0_u16..).zip(row) {
        match cell {
            Cell::Text(text) => {
                let text: String = text.chars().take(CELL).collect();
                if is_formula(&text) {
                    sheet.write_string_with_format(at, column, text, &looks.quoted)?;
                } else {
                    sheet.write_string(at, column, text)?;
                }
            }
            Cell::Number(number) => {
                sheet.write_number(at, column, *number)?;
            }
            // Spreadsheets calculate with 15 digits; a longer number stays whole as text.
            Cell::Exact(text) => match text.parse::<f64>() {
                Ok(number) if text.bytes().filter(u8::is_ascii_digit).count() <= 15 => {
                    sheet.write_number(at, column, number)?;
                }
                _ => {
                    sheet.write_string(at, column, text)?;
                }
            },
            Cell::Moment(moment) => {
                let seconds = moment.as_micros().div_euclid(1_000_000);
                match ExcelDateTime::from_timestamp(seconds) {
                    Ok(when) => {
                        sheet.write_datetime_with_format(at, column, &when, &looks.at)?;
                    }
                    Err(_) => {
                        sheet.write_string(at, column, moment.to_string())?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn xlsx(
    app: App,
    headers: HeaderMap,
    table: Table,
    mut rows: impl Rows,
) -> impl futures::Stream<Item = Result<Bytes>> {
    stream! {
        let mut count = 0;
        let made = async {
            let mut book = Book::new(table)?;
            while let Some(some) = part(&app, &headers, &mut rows).await? {
                count += some.len() as u64;
                book.add(&some)?;
            }
            // Packing it takes a while: not on a thread that answers others.
            tokio::task::spawn_blocking(move || book.finish())
                .await
                .map_err(Error::internal)?
        }
        .await;
        let mut file = match made {
            Ok(file) => file,
            Err(error) => {
                ended(&app, rows.ended(), count, Some(&error)).await;
                yield Err(error);
                return;
            }
        };
        loop {
            // What is packed already is held back, too, once the right is gone.
            let may = match Session::of(&app, &headers).await {
                Ok(session) => rows.may(&session),
                Err(error) => Err(error),
            };
            if let Err(error) = may {
                ended(&app, rows.ended(), count, Some(&error)).await;
                yield Err(error);
                return;
            }
            let mut piece = vec![0; 256 * 1024];
            match file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    piece.truncate(read);
                    yield Ok(Bytes::from(piece));
                }
                Err(error) => {
                    let error = Error::internal(error);
                    ended(&app, rows.ended(), count, Some(&error)).await;
                    yield Err(error);
                    return;
                }
            }
        }
        ended(&app, rows.ended(), count, None).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in [
            "=1+1",
            "+cmd",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =HYPERLINK(\"x\")",
            "＝1+1",
        ] {
            let written = line(&vec![Cell::from(text)]);
            assert!(
                written.starts_with("\"'") || written.starts_with('\''),
                "{written}"
            );
        }
        assert_eq!(
            line(&vec![Cell::from("Ana, \"la\" 2"), Cell::Number(3.5)]),
            "\"Ana, \"\"la\"\" 2\",3.5\r\n"
        );
    }

    #[test]
    fn a_book_holds_text_as_text_and_reads_back() {
        let table = Table {
            file: "x",
            sheet: "Auditoría".into(),
            headings: vec!["Uno".into(), "Dos".into()],
        };
        let mut book = Book::new(table).unwrap();
        let rows: Vec<Row> = (0..2_000)
            .map(|n| vec![Cell::from("=1+1"), Cell::Number(f64::from(n))])
            .collect();
        book.add(&rows).unwrap();
        let mut bytes = Vec::new();
        book.finish().unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(&bytes[..2], b"PK");
        // Not one cell of the sheet has a formula element; deflated, so looked for in the parts.
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        archive
            .by_name("xl/worksheets/sheet1.xml")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert!(
            text.contains("=1+1") && !text.contains("<f>"),
            "{}",
            &text[..500]
        );
    }
}
