//! What people probably meant: the slips of those who come from a spreadsheet, another language, or their mother tongue.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Code, Language};

/// Advice beside a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "with", rename_all = "kebab-case")]
pub enum Hint {
    /// Another way of writing it, as it is typed.
    Write(String),
    /// Texts stand between straight double quotes.
    Quotes,
    /// A word without quotes that may be meant as a text.
    Text(String),
    /// A decimal comma, or a separator of thousands.
    Decimal,
    /// A semicolon between arguments.
    Comma,
    /// Several values without brackets.
    Several,
    /// A range without brackets.
    Range,
    /// A percentage sign.
    Percent,
    /// A currency's sign.
    Currency,
    /// An equals sign at the beginning, as in a spreadsheet.
    Formula,
    /// Nothing is written yet.
    Empty,
    /// A date that is not written as one.
    Date,
    /// Days as a plain number.
    Days,
    /// A number added to a text.
    Joined,
    /// A number in quotes.
    Number,
    /// Truth in quotes.
    Truth,
    /// A comparison of three.
    Chain,
    /// A bracket that nothing opened.
    Surplus,
    /// A value where a whole comparison is wanted: `x = "a" or "b"`.
    Repeat,
}

impl Hint {
    pub(super) fn sentence(&self, language: Language) -> String {
        let (spanish, english) = match self {
            Self::Write(form) => {
                return match language {
                    Language::Es => format!("Se escribe: {form}"),
                    Language::En => format!("Write: {form}"),
                };
            }
            Self::Text(word) => {
                return match language {
                    Language::Es => format!("Si es un texto, va entre comillas: \"{word}\"."),
                    Language::En => format!("If it is a text, put it in quotes: \"{word}\"."),
                };
            }
            Self::Quotes => (
                "Los textos van entre comillas dobles rectas: \"oro\".",
                "Texts stand in straight double quotes: \"gold\".",
            ),
            Self::Decimal => (
                "Los decimales se escriben con punto y los miles sin separador: 1000.50.",
                "Decimals are written with a point and thousands without a separator: 1000.50.",
            ),
            Self::Comma => (
                "Los valores se separan con comas, no con punto y coma.",
                "Values are separated by commas, not by semicolons.",
            ),
            Self::Several => (
                "Varios valores van entre paréntesis: nivel in (\"oro\", \"plata\").",
                "Several values stand in brackets: tier in (\"gold\", \"silver\").",
            ),
            Self::Range => (
                "Un intervalo va entre corchetes: [1..10].",
                "A range stands in square brackets: [1..10].",
            ),
            Self::Percent => (
                "Un porcentaje se escribe como decimal: 10 % es 0.10.",
                "A percentage is written as a decimal: 10% is 0.10.",
            ),
            Self::Currency => (
                "Los importes se escriben sin símbolo de moneda.",
                "Amounts are written without a currency sign.",
            ),
            Self::Formula => (
                "Una regla no empieza con «=», como en una hoja de cálculo: escriba la condición o el valor.",
                "A rule does not begin with “=” as in a spreadsheet: write the condition or the value.",
            ),
            Self::Empty => (
                "Escriba una condición o un valor.",
                "Write a condition or a value.",
            ),
            Self::Date => (
                "Una fecha se escribe @\"2026-01-31\": año, mes y día.",
                "A date is written @\"2026-01-31\": year, month and day.",
            ),
            Self::Days => (
                "A una fecha se le suman o restan duraciones: 30 días son @\"P30D\", un mes es @\"P1M\".",
                "Durations are added to or taken from a date: 30 days are @\"P30D\", a month is @\"P1M\".",
            ),
            Self::Joined => (
                "Para unirlos, convierta el número en texto: string(…).",
                "To join them, turn the number into a text: string(…).",
            ),
            Self::Number => (
                "Los números se escriben sin comillas.",
                "Numbers are written without quotes.",
            ),
            Self::Truth => (
                "Compare con true o false, sin comillas.",
                "Compare with true or false, without quotes.",
            ),
            Self::Chain => (
                "Se compara de dos en dos: a < x and x < b, o bien x in [a..b].",
                "Compare two at a time: a < x and x < b, or x in [a..b].",
            ),
            Self::Surplus => (
                "Sobra, o falta el que lo abre.",
                "It is one too many, or the one that opens it is missing.",
            ),
            Self::Repeat => (
                "Repita la comparación: x = \"a\" or x = \"b\", o bien x in (\"a\", \"b\").",
                "Repeat the comparison: x = \"a\" or x = \"b\", or x in (\"a\", \"b\").",
            ),
        };
        match language {
            Language::Es => spanish.to_owned(),
            Language::En => english.to_owned(),
        }
    }
}

fn write(form: &str) -> Option<Hint> {
    Some(Hint::Write(form.to_owned()))
}

/// What may help with a problem at a place of a text.
pub(super) fn find(
    text: &str,
    span: &Range<usize>,
    code: Code,
    args: &[String],
    expected: &[String],
) -> Option<Hint> {
    let arg = |index: usize| args.get(index).map_or("", String::as_str);
    match code {
        Code::Unexpected => {
            let start = span.start.min(text.len());
            unexpected(text.get(..start)?, text.get(start..)?, expected)
        }
        Code::BadLiteral if arg(0).contains(['/', '.', '-']) && !arg(0).starts_with('P') => {
            Some(Hint::Date)
        }
        Code::UnknownName => unknown_name(arg(0), arg(1)),
        Code::UnknownFunction if arg(1).is_empty() => write(function(arg(0))?),
        Code::NotACondition if arg(0) == "type:string" => Some(Hint::Repeat),
        Code::WrongOperands => wrong_operands(arg(0), arg(1), arg(2)),
        Code::WrongArgument if matches!(arg(0), "date" | "date and time") => Some(Hint::Date),
        Code::NeverEqual => never_equal(arg(0), arg(1)),
        _ => None,
    }
}

fn unexpected(before: &str, here: &str, expected: &[String]) -> Option<Hint> {
    let behind = before.trim_end();
    let operator_expected = expected.iter().any(|item| item == "operator");
    let digit = |c: char| c.is_ascii_digit();
    match here.chars().next() {
        None if behind.is_empty() => return Some(Hint::Empty),
        None => return None,
        Some('\'' | '‘' | '’' | '“' | '”' | '«' | '»' | '`') => {
            return Some(Hint::Quotes);
        }
        Some('&') => return write("and"),
        Some('|') => return write("or"),
        Some('≥') => return write(">="),
        Some('≤') => return write("<="),
        Some('≠') => return write("!="),
        Some('!') => return write("not(…)"),
        Some(';') => return Some(Hint::Comma),
        Some('%') => return Some(Hint::Percent),
        Some('$' | '€' | '£') => return Some(Hint::Currency),
        Some('=') if behind.is_empty() => return Some(Hint::Formula),
        // `=>`, `<>`, `=<`: the first sign was taken for the whole.
        Some('>') if before.ends_with('=') => return write(">="),
        Some('>') if before.ends_with('<') => return write("!="),
        Some('<') if before.ends_with('=') => return write("<="),
        Some('.') if here.starts_with("..") => return Some(Hint::Range),
        Some(',') if before.ends_with(digit) && here[1..].starts_with(digit) => {
            return Some(Hint::Decimal);
        }
        Some(',') if operator_expected && before.contains(" in ") => return Some(Hint::Several),
        Some(')' | ']' | '}') if expected.iter().any(|item| item == "end") => {
            return Some(Hint::Surplus);
        }
        Some(_) => {}
    }
    let word: String = here
        .chars()
        .take_while(|c| c.is_alphabetic())
        .collect::<String>()
        .to_lowercase();
    match word.as_str() {
        // The sentence has said it.
        "y" | "and" if expected.iter().any(|item| item == "and") => None,
        "y" | "e" | "and" => write("and"),
        "o" | "u" | "or" => write("or"),
        "entonces" | "sino" | "then" | "else" => write("if … then … else …"),
        "entre" | "between" => write("x between a and b"),
        "en" | "in" => write("x in (…)"),
        _ if before.to_lowercase().trim_end().ends_with(" like") => {
            write("contains(…), starts with(…)")
        }
        _ => None,
    }
}

fn unknown_name(name: &str, near: &str) -> Option<Hint> {
    let lower = name.to_lowercase();
    match lower.as_str() {
        "verdadero" | "true" | "si" | "sí" | "yes" => return write("true"),
        "falso" | "false" | "no" => return write("false"),
        "nulo" | "null" | "vacío" | "vacio" | "empty" | "none" => return write("null"),
        "hoy" => return write("today()"),
        "ahora" => return write("now()"),
        _ => {}
    }
    if lower.starts_with("not ") {
        return write("not(…)");
    }
    if let Some((field, _)) = lower.split_once(" is ") {
        let field = name.get(..field.len()).unwrap_or("x");
        let no = if lower.contains(" not") { "!=" } else { "=" };
        return write(&format!("{field} {no} null"));
    }
    let called = crate::builtins::all().iter().find(|builtin| {
        lower
            .strip_prefix(builtin.name)
            .is_some_and(|rest| rest.starts_with(' '))
    });
    if let Some(builtin) = called {
        let rest = name.get(builtin.name.len()..).unwrap_or_default().trim();
        return write(&format!("{}({rest})", builtin.name));
    }
    near.is_empty().then(|| Hint::Text(name.to_owned()))
}

/// Functions by the names that spreadsheets, databases and Spanish have for them.
fn function(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "si" | "if" | "iif" => "if … then … else …",
        "y" => "a and b",
        "o" => "a or b",
        "no" => "not(…)",
        "hoy" => "today()",
        "ahora" | "getdate" | "sysdate" => "now()",
        "suma" | "sumar" => "sum(…)",
        "promedio" | "media" | "average" | "avg" => "mean(…)",
        "contar" | "cuenta" | "contara" | "size" => "count(…)",
        "mínimo" | "minimo" => "min(…)",
        "máximo" | "maximo" => "max(…)",
        "mediana" => "median(…)",
        "largo" | "longitud" | "len" | "length" => "string length(…)",
        "lower" | "minusc" | "minúsculas" | "minusculas" | "tolower" | "lowercase" => {
            "lower case(…)"
        }
        "upper" | "mayusc" | "mayúsculas" | "mayusculas" | "toupper" | "uppercase" => {
            "upper case(…)"
        }
        "isnull" | "esnulo" | "isblank" | "esblanco" | "isempty" => "x = null",
        "concat" | "concatenar" => "a + b",
        "contiene" | "includes text" => "contains(…)",
        "empieza con" | "startswith" => "starts with(…)",
        "termina con" | "endswith" => "ends with(…)",
        "redondear" | "round" => "round half up(…, 2)",
        "entero" | "int" => "floor(…)",
        "año" | "años" | "year" => "x.year",
        "mes" | "month" => "x.month",
        "día" | "dia" | "day" => "x.day",
        "fecha" => "date(…)",
        "texto" | "str" => "string(…)",
        "número" | "numero" | "valor" => "number(…)",
        "coalesce" | "ifnull" | "nvl" => "if x = null then y else x",
        _ => return None,
    })
}

fn is_date(of: &str) -> bool {
    matches!(of, "type:date" | "type:date and time")
}

fn wrong_operands(operator: &str, left: &str, right: &str) -> Option<Hint> {
    let of = |wanted: &str| left == wanted || right == wanted;
    let dated = is_date(left) || is_date(right);
    match operator {
        "+" | "-" if dated && of("type:number") => Some(Hint::Days),
        "+" if of("type:string") && of("type:number") => Some(Hint::Joined),
        "<" | "<=" | ">" | ">=" if left == "type:boolean" => Some(Hint::Chain),
        "<" | "<=" | ">" | ">=" if dated && (of("type:number") || of("type:string")) => {
            Some(Hint::Date)
        }
        _ if of("type:number") && of("type:string") => Some(Hint::Number),
        _ => None,
    }
}

fn never_equal(left: &str, right: &str) -> Option<Hint> {
    let of = |wanted: &str| left == wanted || right == wanted;
    if is_date(left) || is_date(right) {
        (of("type:string") || of("type:number")).then_some(Hint::Date)
    } else if of("type:boolean") {
        Some(Hint::Truth)
    } else if of("type:number") && of("type:string") {
        Some(Hint::Number)
    } else {
        None
    }
}
