//! The rows that were turned away, as a file that can be mended and sent in again.

use kernel::{FieldProblem, Id, Page, Result};
use store::Reads;

use super::value::is_formula;
use super::{Import, load};

store::statements! {
    SOME = "SELECT row_number, cells, problems FROM customer_import_reject WHERE import_id = $1 AND row_number > $2 \
        ORDER BY row_number LIMIT $3";
}

/// A row that was turned away, with the reasons.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct RejectedRow {
    /// As a person counts: the header is row 1.
    pub row_number: i64,
    /// As they stood.
    #[sqlx(json)]
    pub cells: Vec<String>,
    /// `field` is a field's bare key, or empty where the row is meant; args: `value` as it stood, `column` from 0.
    #[sqlx(json)]
    pub problems: Vec<FieldProblem>,
}

/// The words of the report, in the asker's language.
pub struct ReportWords<'a> {
    /// Title of the column with the row's number: `Fila`.
    pub row: &'a str,
    /// Title of the column with the reasons: `Motivo`.
    pub reason: &'a str,
    /// A problem as a sentence.
    pub say: &'a (dyn Fn(&FieldProblem) -> String + Send + Sync),
}

/// Gives the report piece by piece: the columns of the list as they stood, then the row's number and the reasons. What a
/// spreadsheet would run as a formula gets an apostrophe before it, which the import takes off again.
pub struct Report {
    id: Id<Import>,
    delimiter: char,
    header: Vec<String>,
    width: usize,
    after: Option<i64>,
}

/// The rejected rows themselves after a row, a part at a time, for the screen.
pub async fn rejected(
    reads: &mut impl Reads,
    id: Id<Import>,
    after_row: i64,
    limit: u32,
) -> Result<Vec<RejectedRow>> {
    store::fetch_all!(reads, RejectedRow, SOME, id, after_row, i64::from(limit))
}

impl Report {
    /// `header` are the titles of the list's columns as its first row had them ([`Import`] keeps them in its set-up).
    pub async fn begin(reads: &mut impl Reads, id: Id<Import>) -> Result<Self> {
        let import = load(reads, id).await?;
        let header = import.setup.titles;
        Ok(Self {
            id,
            delimiter: import.setup.dialect.delimiter,
            width: header.len(),
            header,
            after: None,
        })
    }

    /// The next piece, UTF-8; `None` at the end.
    pub async fn next(
        &mut self,
        reads: &mut impl Reads,
        words: &ReportWords<'_>,
    ) -> Result<Option<String>> {
        let mut text = String::new();
        let after = match self.after {
            Some(after) => after,
            None => {
                // The mark that makes spreadsheets read UTF-8.
                text.push('\u{feff}');
                // A file without titles comes back without titles.
                if self.header.iter().any(|title| !title.is_empty()) {
                    let titles = self
                        .header
                        .iter()
                        .map(String::as_str)
                        .chain([words.row, words.reason]);
                    self.line(&mut text, titles.map(str::to_owned));
                }
                0
            }
        };
        let rows = rejected(reads, self.id, after, Page::MAX_LIMIT).await?;
        self.after = Some(rows.last().map_or(i64::MAX, |r| r.row_number));
        if rows.is_empty() && text.is_empty() {
            return Ok(None);
        }
        for row in rows {
            let reasons: Vec<String> = row.problems.iter().map(|p| self.reason(p, words)).collect();
            let width = self.width;
            let mut cells = row.cells;
            // Rows too short are filled up, so that the reasons stand in their column; too long ones keep all they had
            // in the last one of their own.
            if cells.len() > width && width > 0 {
                let rest = cells.split_off(width - 1);
                cells.push(
                    rest.join(&self.delimiter.to_string())
                        .trim_end_matches(self.delimiter)
                        .to_owned(),
                );
            }
            cells.resize(width, String::new());
            cells.push(row.row_number.to_string());
            cells.push(reasons.join(" · "));
            self.line(&mut text, cells.into_iter());
        }
        Ok(Some(text))
    }

    /// `CUIT/CUIL «20-1»: the check digit is wrong`.
    fn reason(&self, problem: &FieldProblem, words: &ReportWords<'_>) -> String {
        let column = problem
            .args
            .get("column")
            .and_then(|c| self.header.get(c.parse::<usize>().ok()?));
        let value = problem.args.get("value").filter(|v| !v.is_empty());
        let said = (words.say)(problem);
        match (column, value) {
            (Some(column), Some(value)) => format!("{column} «{value}»: {said}"),
            (Some(column), None) => format!("{column}: {said}"),
            _ => said,
        }
    }

    fn line(&self, text: &mut String, cells: impl Iterator<Item = String>) {
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                text.push(self.delimiter);
            }
            let armed = if is_formula(&cell) {
                format!("'{cell}")
            } else {
                cell
            };
            if armed.contains([self.delimiter, '"', '\n', '\r', ';', ',', '\t']) {
                text.push('"');
                text.push_str(&armed.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(&armed);
            }
        }
        text.push_str("\r\n");
    }
}
