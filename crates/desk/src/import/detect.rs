//! What a file is, told from its beginning: encoding, delimiter, header, decimal mark, order of dates, and which column is
//! which field. All of it is a proposal that a person can correct.

use std::collections::BTreeSet;

use form::{CustomerSchema, FieldKind, FieldSpec};
use kernel::text;
use serde::{Deserialize, Serialize};

use super::setup::{Setup, Target};
use super::text::{Dialect, Encoding, RawRow, Rows};
use super::value::{self, DateOrder, DecimalMark};

/// What was found out, with some rows to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    pub setup: Setup,
    pub columns: Vec<ColumnSample>,
    /// The first rows of data, as they stand.
    pub rows: Vec<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSample {
    /// From 0.
    pub index: usize,
    /// The header's text, or nothing where there is no header.
    pub header: String,
    /// The first different values.
    pub samples: Vec<String>,
}

const SHOWN_ROWS: usize = 20;

/// Which encoding the bytes are in. `utf8` says whether the whole file is valid UTF-8.
pub fn encoding(start: &[u8], utf8: bool) -> Encoding {
    match start {
        [0xef, 0xbb, 0xbf, ..] => return Encoding::Utf8,
        [0xff, 0xfe, ..] => return Encoding::Utf16Le,
        [0xfe, 0xff, ..] => return Encoding::Utf16Be,
        _ => {}
    }
    // Text of our languages in UTF-16 has a zero in every other byte, and nowhere else.
    let zeros = |from: usize| {
        start
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if even + odd > start.len() / 4 {
        return if odd > even {
            Encoding::Utf16Le
        } else {
            Encoding::Utf16Be
        };
    }
    if utf8 {
        Encoding::Utf8
    } else {
        Encoding::Windows1252
    }
}

/// The first rows of the file.
pub fn rows(start: &[u8], dialect: Dialect, whole: bool) -> Vec<RawRow> {
    let mut found = Vec::new();
    let mut reader = Rows::new(dialect);
    reader.feed(start, whole, &mut |row| found.push(row));
    found
}

/// What the beginning of the file says. `schema` is the type that the customers shall have; without it no mapping is
/// proposed.
pub fn setup(start: &[u8], whole: bool, utf8: bool, schema: Option<&CustomerSchema>) -> Setup {
    let encoding = encoding(start, utf8);
    let dialect = delimited(start, whole, encoding);
    let found = rows(start, dialect, whole);
    let header = found.first().is_some_and(|first| is_header(&first.cells));
    let data: Vec<&RawRow> = found.iter().skip(usize::from(header)).take(500).collect();
    let mut setup = Setup {
        dialect,
        header,
        decimal: decimal(&data, dialect.delimiter),
        dates: dates(&data),
        ..Setup::default()
    };
    if let Some(schema) = schema {
        let headers: Vec<String> = if header {
            found[0].cells.clone()
        } else {
            Vec::new()
        };
        setup.mapping = mapping(schema, &headers, &data, &setup);
        setup.match_by = match_by(schema, &setup.mapping);
    }
    setup
}

/// The titles of the columns; empty ones where the file has none.
pub fn titles(start: &[u8], dialect: Dialect, header: bool) -> Vec<String> {
    let first = rows(start, dialect, true)
        .into_iter()
        .next()
        .map(|r| r.cells)
        .unwrap_or_default();
    if header {
        first
    } else {
        vec![String::new(); first.len()]
    }
}

/// A mapping for a file that is to be read as was told.
pub fn mapped(start: &[u8], whole: bool, told: Setup, schema: &CustomerSchema) -> Setup {
    let found = rows(start, told.dialect, whole);
    let headers = found
        .first()
        .filter(|_| told.header)
        .map(|r| r.cells.clone())
        .unwrap_or_default();
    let data: Vec<&RawRow> = found
        .iter()
        .skip(usize::from(told.header))
        .take(500)
        .collect();
    let mapping = mapping(schema, &headers, &data, &told);
    Setup {
        match_by: match_by(schema, &mapping),
        mapping,
        ..told
    }
}

/// What a person looks at before saying yes.
pub fn inspect(start: &[u8], whole: bool, setup: Setup) -> Inspection {
    let found = rows(start, setup.dialect, whole);
    let width = found
        .iter()
        .take(200)
        .map(|r| r.cells.len())
        .max()
        .unwrap_or(0);
    let (header, data) = found.split_at(usize::from(setup.header).min(found.len()));
    let columns = (0..width).map(|index| {
        let mut samples: Vec<String> = Vec::new();
        for cell in data.iter().filter_map(|row| row.cells.get(index)) {
            if samples.len() == 5 {
                break;
            }
            if !cell.trim().is_empty() && !samples.contains(cell) {
                samples.push(cell.clone());
            }
        }
        let header = header
            .first()
            .and_then(|h| h.cells.get(index))
            .cloned()
            .unwrap_or_default();
        ColumnSample {
            index,
            header,
            samples,
        }
    });
    Inspection {
        columns: columns.collect(),
        rows: data
            .iter()
            .take(SHOWN_ROWS)
            .map(|r| r.cells.clone())
            .collect(),
        setup,
    }
}

fn delimited(start: &[u8], whole: bool, encoding: Encoding) -> Dialect {
    let mut best = (
        Dialect {
            encoding,
            delimiter: ',',
            quote: '"',
        },
        (0, 0),
    );
    for delimiter in [',', ';', '\t', '|'] {
        let dialect = Dialect {
            encoding,
            delimiter,
            quote: '"',
        };
        let mut found = rows(start, dialect, whole);
        found.truncate(500);
        let Some(width) = found.first().map(|r| r.cells.len()) else {
            continue;
        };
        // How many rows are as wide as the first; among equals the wider table is the likelier one.
        let alike = found.iter().filter(|r| r.cells.len() == width).count() * 100 / found.len();
        let score = if width > 1 { (alike, width) } else { (0, 1) };
        if score > best.1 {
            best = (dialect, score);
        }
    }
    best.0
}

/// A header names things: no cell of it is empty, a number, a date or an address.
fn is_header(cells: &[String]) -> bool {
    let names = |cell: &String| {
        let cell = cell.trim();
        !cell.is_empty()
            && !cell.contains('@')
            && !cell.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-')
    };
    let different: BTreeSet<String> = cells.iter().map(|c| text::fold(c)).collect();
    cells.iter().all(names) && different.len() == cells.len()
}

fn decimal(rows: &[&RawRow], delimiter: char) -> DecimalMark {
    let (mut comma, mut point) = (0_u32, 0_u32);
    for cell in rows.iter().flat_map(|r| &r.cells) {
        let cell = cell.trim();
        // Only what has a fractional part tells: `1.234` may be either.
        let fraction = |mark: char| {
            cell.rsplit_once(mark)
                .is_some_and(|(_, part)| part.len() != 3)
        };
        comma += u32::from(fraction(',') && value::number(cell, DecimalMark::Comma).is_some());
        point += u32::from(fraction('.') && value::number(cell, DecimalMark::Point).is_some());
    }
    // Where the comma is the decimal mark, lists are separated by semicolons.
    if comma > point || comma == point && delimiter == ';' {
        DecimalMark::Comma
    } else {
        DecimalMark::Point
    }
}

fn dates(rows: &[&RawRow]) -> DateOrder {
    let (mut day_first, mut month_first, mut year_first) = (0_u32, 0_u32, 0_u32);
    for cell in rows.iter().flat_map(|r| &r.cells) {
        let day = cell.trim().split(' ').next().unwrap_or_default();
        let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
        let [a, b, c] = parts[..] else { continue };
        if ![a, b, c]
            .iter()
            .all(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
        {
            continue;
        }
        let over_twelve = |t: &str| t.parse::<u32>().is_ok_and(|n| (13..=31).contains(&n));
        year_first += u32::from(a.len() == 4);
        day_first += u32::from(c.len() != 3 && a.len() <= 2 && over_twelve(a));
        month_first += u32::from(c.len() != 3 && a.len() <= 2 && over_twelve(b));
    }
    if year_first > day_first.max(month_first) {
        DateOrder::YearMonthDay
    } else if month_first > day_first {
        DateOrder::MonthDayYear
    } else {
        DateOrder::DayMonthYear
    }
}

/// Words for the same thing, in both languages, folded. A header and a field that stand in the same line belong together.
const SAME: &[&[&str]] = &[
    &[
        "nombre",
        "nombre y apellido",
        "apellido y nombre",
        "nombre completo",
        "razon social",
        "denominacion",
        "cliente",
        "titular",
        "name",
        "full name",
        "customer",
        "customer name",
        "company",
        "company name",
        "full_name",
    ],
    &["apellido", "apellidos", "last name", "surname", "last_name"],
    &[
        "nombres",
        "nombre de pila",
        "first name",
        "given name",
        "first_name",
    ],
    &[
        "cuit",
        "cuil",
        "cuit cuil",
        "cuil cuit",
        "dni",
        "documento",
        "nro documento",
        "numero de documento",
        "rfc",
        "rut",
        "curp",
        "nif",
        "ruc",
        "tax id",
        "tax number",
        "document",
        "id number",
        "vat",
    ],
    &[
        "celular",
        "telefono celular",
        "tel celular",
        "movil",
        "telefono movil",
        "whatsapp",
        "mobile",
        "mobile phone",
        "cell",
        "cell phone",
    ],
    &[
        "telefono",
        "tel",
        "telefono fijo",
        "telefono particular",
        "phone",
        "telephone",
        "landline",
    ],
    &["fax", "numero de fax"],
    &[
        "correo",
        "correo electronico",
        "email",
        "e mail",
        "mail",
        "direccion de correo",
        "email address",
    ],
    &[
        "domicilio",
        "direccion",
        "calle",
        "direccion postal",
        "address",
        "street",
        "street address",
    ],
    &["ciudad", "localidad", "poblacion", "city", "town"],
    &[
        "provincia",
        "estado",
        "departamento",
        "province",
        "state",
        "region",
    ],
    &[
        "codigo postal",
        "cp",
        "zip",
        "zip code",
        "postal code",
        "postcode",
        "postal_code",
    ],
    &["pais", "country"],
    &[
        "fecha de nacimiento",
        "nacimiento",
        "fec nac",
        "f nacimiento",
        "birth date",
        "date of birth",
        "birthday",
        "born",
        "dob",
        "birth_date",
    ],
    &[
        "saldo",
        "saldo cuenta",
        "saldo de cuenta",
        "balance",
        "account balance",
    ],
    &["segmento", "categoria", "segment", "category", "tier"],
];

fn mapping(
    schema: &CustomerSchema,
    headers: &[String],
    data: &[&RawRow],
    setup: &Setup,
) -> Vec<Target> {
    let width = headers
        .len()
        .max(data.iter().map(|r| r.cells.len()).max().unwrap_or(0));
    let mut scored: Vec<(u32, usize, &FieldSpec)> = Vec::new();
    for column in 0..width {
        let header = headers
            .get(column)
            .map(|h| text::fold(h))
            .unwrap_or_default();
        for field in &schema.fields {
            let score = named(&header, field, schema).max(held(data, column, field, setup));
            if score > 0 {
                scored.push((score, column, field));
            }
        }
    }
    // The surest pairs first; each column and each field once.
    scored.sort_by_key(|(score, column, _)| (std::cmp::Reverse(*score), *column));
    let mut mapping: Vec<Target> = Vec::new();
    for (_, column, field) in scored {
        if !mapping
            .iter()
            .any(|t| t.column == column || t.field == field.key)
        {
            mapping.push(Target {
                column,
                field: field.key.clone(),
            });
        }
    }
    mapping.sort_by_key(|t| t.column);
    mapping
}

/// How well a header names a field.
fn named(header: &str, field: &FieldSpec, schema: &CustomerSchema) -> u32 {
    if header.is_empty() {
        return 0;
    }
    let names = [
        text::fold(&field.label.es),
        text::fold(&field.label.en),
        text::fold(&field.key),
        field.key.clone(),
    ];
    if names.iter().any(|n| n == header) {
        return 100;
    }
    let line = |name: &str| SAME.iter().position(|line| line.contains(&name));
    let of_header = line(header);
    if of_header.is_some() && names.iter().any(|n| line(n) == of_header) {
        return 80;
    }
    let of_kind = match field.kind {
        FieldKind::Email => line("email"),
        FieldKind::Phone { .. } => line("telefono")
            .filter(|_| of_header != line("celular"))
            .or(line("celular")),
        FieldKind::Document { .. } => line("documento"),
        _ if schema.title.len() == 1 && schema.title.contains(&field.key) => line("nombre"),
        _ => None,
    };
    if of_header.is_some() && of_header == of_kind {
        return 60;
    }
    // All of one name's words in the other: `Saldo cuenta corriente` and `Saldo cuenta`.
    let within =
        |a: &str, b: &str| !a.is_empty() && a.split(' ').all(|w| b.split(' ').any(|v| v == w));
    if names.iter().any(|n| within(n, header) || within(header, n)) {
        40
    } else {
        0
    }
}

/// How well a column's values fit a field that tells itself by its values.
fn held(data: &[&RawRow], column: usize, field: &FieldSpec, setup: &Setup) -> u32 {
    if !matches!(
        field.kind,
        FieldKind::Email | FieldKind::Document { .. } | FieldKind::Date
    ) {
        return 0;
    }
    let cells: Vec<&String> = data
        .iter()
        .filter_map(|r| r.cells.get(column))
        .filter(|c| !c.trim().is_empty())
        .take(50)
        .collect();
    let fits = |cell: &&&String| {
        field
            .check(&value::convert(field, cell, setup.decimal, setup.dates))
            .is_ok()
    };
    let telling = cells
        .iter()
        .any(|c| c.contains(|c: char| c.is_ascii_digit() || c == '@'));
    let fitting = cells.iter().filter(fits).count();
    if cells.len() >= 3 && telling && fitting * 5 >= cells.len() * 4 {
        20
    } else {
        0
    }
}

/// By what a row is taken for somebody who is there already: what is unique, else the document, else the address.
fn match_by(schema: &CustomerSchema, mapping: &[Target]) -> Vec<String> {
    let mapped: Vec<&FieldSpec> = mapping
        .iter()
        .filter_map(|t| schema.field(&t.field))
        .collect();
    let of = |wanted: &dyn Fn(&FieldSpec) -> bool| -> Vec<String> {
        mapped
            .iter()
            .filter(|f| wanted(f))
            .map(|f| f.key.clone())
            .collect()
    };
    let ladder: [&dyn Fn(&FieldSpec) -> bool; 3] = [
        &|f| f.unique,
        &|f| matches!(f.kind, FieldKind::Document { .. }),
        &|f| matches!(f.kind, FieldKind::Email),
    ];
    ladder
        .iter()
        .map(|wanted| of(*wanted))
        .find(|keys| !keys.is_empty())
        .unwrap_or_default()
}
