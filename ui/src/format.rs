//! Dates, hours, numbers and lengths of time as this reader writes them, by the browser's own Intl.

use std::{cell::RefCell, collections::HashMap};

use js_sys::{Array, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    day::{Day, Part},
    kit::now_ms,
    prefs::{Region, preferences},
    t,
};

thread_local! {
    // Making a formatter costs a hundred times what using one does.
    static FORMATTERS: RefCell<HashMap<String, Function>> = RefCell::new(HashMap::new());
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        let value = match *value {
            "true" => JsValue::TRUE,
            "false" => JsValue::FALSE,
            digits if digits.bytes().all(|c| c.is_ascii_digit()) => digits
                .parse::<f64>()
                .map_or(JsValue::UNDEFINED, JsValue::from_f64),
            text => JsValue::from_str(text),
        };
        let _ = Reflect::set(&options, &JsValue::from_str(name), &value);
    }
    options
}

fn formatted(tag: &str, pairs: &[(&str, &str)], number: bool, value: &JsValue) -> String {
    let name = format!("{tag}{number}{pairs:?}");
    let format = FORMATTERS.with_borrow_mut(|known| {
        known
            .entry(name)
            .or_insert_with(|| {
                let tags = Array::of1(&JsValue::from_str(tag));
                if number {
                    Intl::NumberFormat::new(&tags, &options(pairs)).format()
                } else {
                    Intl::DateTimeFormat::new(&tags, &options(pairs)).format()
                }
            })
            .clone()
    });
    format
        .call1(&JsValue::UNDEFINED, value)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Offices of the Spanish-speaking regions write 22:15 whatever CLDR says of their everyday speech.
fn hours() -> (&'static str, &'static str) {
    let twelve = preferences().region() == Region::UnitedStates;
    ("hourCycle", if twelve { "h12" } else { "h23" })
}

fn date_by(pairs: &[(&str, &str)], ms: f64) -> String {
    formatted(
        preferences().format_tag(),
        pairs,
        false,
        &JsValue::from_f64(ms),
    )
}

/// `21/11/2026`.
pub fn date(ms: f64) -> String {
    date_by(
        &[
            ("day", "2-digit"),
            ("month", "2-digit"),
            ("year", "numeric"),
        ],
        ms,
    )
}

/// `21/11/2026, 10:15`.
pub fn date_time(ms: f64) -> String {
    date_by(
        &[
            ("day", "2-digit"),
            ("month", "2-digit"),
            ("year", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            hours(),
        ],
        ms,
    )
}

/// `21/11/2026, 10:15:07`: where the order of things matters.
pub fn to_the_second(ms: f64) -> String {
    date_by(
        &[
            ("day", "2-digit"),
            ("month", "2-digit"),
            ("year", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("second", "2-digit"),
            hours(),
        ],
        ms,
    )
}

/// `10:15`.
pub fn time(ms: f64) -> String {
    date_by(&[("hour", "2-digit"), ("minute", "2-digit"), hours()], ms)
}

/// A day without an hour: `21/11/2026`.
pub fn day(day: Day) -> String {
    date_by(
        &[
            ("day", "2-digit"),
            ("month", "2-digit"),
            ("year", "numeric"),
            ("timeZone", "UTC"),
        ],
        day.as_utc_ms(),
    )
}

/// `noviembre de 2026`.
pub fn month(day: Day) -> String {
    capitalised(date_by(
        &[("month", "long"), ("year", "numeric"), ("timeZone", "UTC")],
        day.as_utc_ms(),
    ))
}

/// `lu`, `ma`: the narrow name of a weekday.
pub fn weekday(day: Day) -> String {
    let short = date_by(
        &[("weekday", "short"), ("timeZone", "UTC")],
        day.as_utc_ms(),
    );
    capitalised(short.chars().take(2).collect())
}

/// The head of a day in a history: `Hoy`, `Ayer`, `Jueves, 19 de noviembre`; with the year when it is another.
pub fn day_heading(ms: f64) -> String {
    let at = local_day(ms);
    let today = local_day(now_ms());
    if at == today {
        return t!("kit-today");
    }
    if at == today.plus(-1) {
        return t!("kit-yesterday");
    }
    let mut pairs = vec![("weekday", "long"), ("day", "numeric"), ("month", "long")];
    if at.parts().0 != today.parts().0 {
        pairs.push(("year", "numeric"));
    }
    capitalised(date_by(&pairs, ms))
}

/// `10:15` for today, `ayer 10:15`, else the date.
pub fn when(ms: f64) -> String {
    let at = local_day(ms);
    let today = local_day(now_ms());
    if at == today {
        time(ms)
    } else if at == today.plus(-1) {
        t!("kit-yesterday-at", time = time(ms))
    } else {
        date(ms)
    }
}

/// `hace 3 min`, `hace 2 h`, `hace 5 d`; within a minute `ahora`.
pub fn ago(ms: f64) -> String {
    let minutes = ((now_ms() - ms) / 60_000.0).max(0.0);
    if minutes < 1.0 {
        t!("kit-now")
    } else {
        t!("kit-ago", span = span(minutes * 60_000.0))
    }
}

/// `en 2 h`, or `hace 20 min` once it is past.
pub fn due(ms: f64) -> String {
    let left = ms - now_ms();
    if left.abs() < 60_000.0 {
        t!("kit-now")
    } else if left > 0.0 {
        t!("kit-in", span = span(left))
    } else {
        t!("kit-ago", span = span(-left))
    }
}

/// A length of time in its two largest parts at most: `42 s`, `12 min`, `2 h 5 min`, `3 d`.
pub fn span(ms: f64) -> String {
    let seconds = (ms / 1_000.0).round().max(0.0);
    let minutes = (seconds / 60.0).floor();
    let hours = (minutes / 60.0).floor();
    let days = (hours / 24.0).floor();
    if minutes < 1.0 {
        t!("kit-seconds", count = seconds)
    } else if hours < 1.0 {
        t!("kit-minutes", count = minutes)
    } else if days < 1.0 {
        let rest = minutes - hours * 60.0;
        let hours_text = t!("kit-hours", count = hours);
        if rest < 1.0 || hours >= 6.0 {
            hours_text
        } else {
            format!("{hours_text} {}", t!("kit-minutes", count = rest))
        }
    } else {
        t!("kit-days", count = days)
    }
}

/// An exact decimal (`1514.5`) in the region's figures, with `decimals` places where given.
pub fn number(decimal: &str, decimals: Option<u8>) -> String {
    let tag = preferences().region().tag();
    let (low, high) = match decimals {
        Some(places) => (places.to_string(), places.to_string()),
        None => ("0".to_owned(), "8".to_owned()),
    };
    let pairs = [
        ("minimumFractionDigits", low.as_str()),
        ("maximumFractionDigits", high.as_str()),
    ];
    // As text, so that engines which can (ECMA-402 NumberFormat v3) keep every digit.
    formatted(tag, &pairs, true, &JsValue::from_str(decimal))
}

pub fn count(number: u64) -> String {
    self::number(&number.to_string(), Some(0))
}

/// A decimal in a currency: `$ 1.514,00`. A code that Intl does not know is written after the figures.
pub fn money(decimal: &str, currency: &str) -> String {
    if currency.len() == 3 && currency.bytes().all(|c| c.is_ascii_alphabetic()) {
        let pairs = [("style", "currency"), ("currency", currency)];
        formatted(
            preferences().region().tag(),
            &pairs,
            true,
            &JsValue::from_str(decimal),
        )
    } else {
        format!("{} {currency}", number(decimal, Some(2)))
            .trim_end()
            .to_owned()
    }
}

/// The mark between units and tenths in this region.
pub fn decimal_mark() -> char {
    formatted(
        preferences().region().tag(),
        &[],
        true,
        &JsValue::from_f64(1.5),
    )
    .chars()
    .find(|c| !c.is_ascii_digit())
    .unwrap_or('.')
}

/// The order in which this region writes day, month and year.
pub fn date_order() -> [Part; 3] {
    match preferences().format_tag() {
        "en-US" => [Part::Month, Part::Day, Part::Year],
        _ => [Part::Day, Part::Month, Part::Year],
    }
}

/// The day on this device's calendar.
pub fn local_day(ms: f64) -> Day {
    let date = js_sys::Date::new(&JsValue::from_f64(ms));
    Day::of(
        i64::from(date.get_full_year()),
        i64::from(date.get_month()) + 1,
        i64::from(date.get_date()),
    )
    .unwrap_or(Day(0))
}

/// The first instant of a day on this device's calendar, in milliseconds since 1970.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of a clock, far below 2^53"
)]
pub fn day_start(day: Day) -> i64 {
    let (year, month, number) = day.parts();
    let part = |number: i64| i32::try_from(number).unwrap_or(1);
    let date = js_sys::Date::new_with_year_month_day(
        u32::try_from(year).unwrap_or(1970),
        part(month) - 1,
        part(number),
    );
    date.get_time() as i64
}

pub fn today() -> Day {
    local_day(now_ms())
}

/// Megabytes and kilobytes as people read them.
pub fn bytes(size: f64) -> String {
    if size >= 1_048_576.0 {
        format!("{} MB", number(&format!("{:.1}", size / 1_048_576.0), None))
    } else {
        format!(
            "{} KB",
            number(&format!("{:.0}", (size / 1_024.0).max(1.0)), None)
        )
    }
}

/// The initials of a name, for an avatar: `Bera, Cynthia` and `Cynthia Bera` both give `CB`.
pub fn initials(name: &str) -> String {
    let ordered: Vec<&str> = match name.split_once(',') {
        Some((last, first)) => vec![first, last],
        None => name.split_whitespace().collect(),
    };
    let letter = |word: &&str| word.trim().chars().find(|c| c.is_alphanumeric());
    let first = ordered.first().and_then(letter);
    let last = if ordered.len() > 1 {
        ordered.last().and_then(letter)
    } else {
        None
    };
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

fn capitalised(text: String) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

/// A value of the page's JavaScript as text, for details of an error.
pub fn js_text(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}
