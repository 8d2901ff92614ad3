//! ISO 8601 text, as XML Schema and FEEL restrict it.

use std::fmt;

use super::{Date, DateTime, DaysTimeDuration, NANOS_PER_SECOND, Time, YearsMonthsDuration, Zone};

/// Reads from the front of a text.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn eat(&mut self, expected: char) -> bool {
        match self.0.strip_prefix(expected) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn digits(&mut self) -> &'a str {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    fn two_digits(&mut self) -> Option<i64> {
        let digits = self.digits();
        if digits.len() == 2 {
            digits.parse().ok()
        } else {
            None
        }
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

impl Date {
    /// Reads `2026-11-21`; more than four digits of year must not begin with zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let date = date(&mut reader)?;
        reader.end()?;
        Some(date)
    }
}

fn date(reader: &mut Reader<'_>) -> Option<Date> {
    let negative = reader.eat('-');
    let year = reader.digits();
    if year.len() < 4 || year.len() > 9 || (year.len() > 4 && year.starts_with('0')) {
        return None;
    }
    let year: i64 = year.parse().ok()?;
    if !reader.eat('-') {
        return None;
    }
    let month = reader.two_digits()?;
    if !reader.eat('-') {
        return None;
    }
    let day = reader.two_digits()?;
    Date::new(if negative { -year } else { year }, month, day)
}

/// A time of day and how many days to add: `24:00:00` is the next day's midnight.
fn clock(reader: &mut Reader<'_>) -> Option<(Time, i64)> {
    let hour = reader.two_digits()?;
    if !reader.eat(':') {
        return None;
    }
    let minute = reader.two_digits()?;
    if !reader.eat(':') {
        return None;
    }
    let second = reader.two_digits()?;
    let mut nanos = 0;
    if reader.eat('.') {
        nanos = fraction(reader)?;
    }
    let zone = zone(reader)?;
    reader.end()?;
    if hour == 24 && minute == 0 && second == 0 && nanos == 0 {
        return Some((Time::new(0, 0, 0, 0, zone)?, 1));
    }
    Some((Time::new(hour, minute, second, nanos, zone)?, 0))
}

/// The digits behind the point as nanoseconds; what is finer falls away.
fn fraction(reader: &mut Reader<'_>) -> Option<i64> {
    let digits = reader.digits();
    if digits.is_empty() {
        return None;
    }
    let kept = &digits[..digits.len().min(9)];
    let scale = 10_i64.pow(9 - u32::try_from(kept.len()).ok()?);
    Some(kept.parse::<i64>().ok()? * scale)
}

fn zone(reader: &mut Reader<'_>) -> Option<Zone> {
    if reader.0.is_empty() {
        return Some(Zone::local());
    }
    if reader.eat('Z') || reader.eat('z') {
        return Some(Zone::utc());
    }
    if reader.eat('@') {
        let name = std::mem::take(&mut reader.0);
        return Zone::named(name);
    }
    let sign = if reader.eat('+') {
        1
    } else if reader.eat('-') {
        -1
    } else {
        return None;
    };
    let hours = reader.two_digits()?;
    if !reader.eat(':') {
        return None;
    }
    let minutes = reader.two_digits()?;
    let seconds = if reader.eat(':') {
        reader.two_digits()?
    } else {
        0
    };
    let beyond = hours > 14 || (hours == 14 && (minutes > 0 || seconds > 0));
    if beyond || minutes > 59 || seconds > 59 {
        return None;
    }
    Zone::fixed(sign * i32::try_from((hours * 60 + minutes) * 60 + seconds).ok()?)
}

impl Time {
    /// Reads `10:30:00`, with a fraction, and with `Z`, an offset or `@` and a zone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        clock(&mut Reader(text)).map(|(time, _)| time)
    }
}

impl DateTime {
    /// Reads a date, `T` and a time. A date alone is its midnight, without an offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let date = date(&mut reader)?;
        if reader.0.is_empty() {
            return Some(Self {
                date,
                nanos: 0,
                zone: Zone::local(),
            });
        }
        if !reader.eat('T') {
            return None;
        }
        let (time, days) = clock(&mut reader)?;
        Some(Self::new(date.add_days(days)?, &time))
    }
}

/// Reads either kind of duration: `P1DT2H`, `-P1Y2M`.
pub(crate) fn duration(text: &str) -> Option<Result<DaysTimeDuration, YearsMonthsDuration>> {
    let mut reader = Reader(text);
    let negative = reader.eat('-');
    if !reader.eat('P') {
        return None;
    }
    let (mut months, mut nanos) = (0_i64, 0_i128);
    let (mut has_months, mut has_days, mut in_time) = (false, false, false);
    // Each unit at most once, in order.
    let mut last = 0;
    while !reader.0.is_empty() {
        if !in_time && reader.eat('T') {
            in_time = true;
            last = 0;
            if reader.0.is_empty() {
                return None;
            }
            continue;
        }
        let digits = reader.digits();
        let mut part = 0_i64;
        let fractional = reader.eat('.');
        if fractional {
            part = fraction(&mut reader)?;
        }
        if digits.is_empty() {
            return None;
        }
        let count: i64 = digits.parse().ok()?;
        let unit = reader.0.chars().next()?;
        reader.eat(unit);
        let order = match (in_time, unit) {
            (false, 'Y') | (true, 'H') => 1,
            (false, 'M') | (true, 'M') => 2,
            (false, 'D') | (true, 'S') => 3,
            _ => return None,
        };
        if order <= last || (fractional && !(in_time && unit == 'S')) {
            return None;
        }
        last = order;
        match (in_time, unit) {
            (false, 'Y') => months = count.checked_mul(12)?,
            (false, 'M') => months = months.checked_add(count)?,
            _ => {
                let seconds = match unit {
                    'D' => 86_400,
                    'H' => 3600,
                    'M' => 60,
                    _ => 1,
                };
                nanos +=
                    i128::from(count) * seconds * i128::from(NANOS_PER_SECOND) + i128::from(part);
            }
        }
        if order < 3 && !in_time {
            has_months = true;
        } else {
            has_days = true;
        }
    }
    match (has_months, has_days) {
        (true, false) => Some(Err(YearsMonthsDuration::from_months(if negative {
            -months
        } else {
            months
        }))),
        (false, true) => {
            DaysTimeDuration::from_nanos(if negative { -nanos } else { nanos }).map(Ok)
        }
        _ => None,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.year < 0 {
            f.write_str("-")?;
        }
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.year.unsigned_abs(),
            self.month,
            self.day
        )
    }
}

fn write_clock(f: &mut fmt::Formatter<'_>, nanos: i64, zone: &Zone) -> fmt::Result {
    let seconds = nanos / NANOS_PER_SECOND;
    write!(
        f,
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )?;
    write_fraction(f, (nanos % NANOS_PER_SECOND).unsigned_abs())?;
    write!(f, "{zone}")
}

fn write_fraction(f: &mut fmt::Formatter<'_>, nanos: u64) -> fmt::Result {
    if nanos == 0 {
        return Ok(());
    }
    let text = format!("{nanos:09}");
    write!(f, ".{}", text.trim_end_matches('0'))
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return write!(f, "@{name}");
        }
        match self.fixed_offset() {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let seconds = offset.unsigned_abs();
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
                if seconds % 60 != 0 {
                    write!(f, ":{:02}", seconds % 60)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clock(f, self.nanos, &self.zone)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T", self.date)?;
        write_clock(f, self.nanos, &self.zone)
    }
}

impl fmt::Display for DaysTimeDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, hours, minutes, seconds, nanos) = self.magnitude();
        if self.is_negative() {
            f.write_str("-")?;
        }
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if hours == 0 && minutes == 0 && seconds == 0 && nanos == 0 {
            return if days == 0 {
                f.write_str("T0S")
            } else {
                Ok(())
            };
        }
        f.write_str("T")?;
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}M")?;
        }
        if seconds > 0 || nanos > 0 {
            write!(f, "{seconds}")?;
            write_fraction(f, nanos)?;
            f.write_str("S")?;
        }
        Ok(())
    }
}

impl fmt::Display for YearsMonthsDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.total_months() < 0 {
            f.write_str("-")?;
        }
        let (years, months) = (self.years().unsigned_abs(), self.months().unsigned_abs());
        match (years, months) {
            (0, months) => write!(f, "P{months}M"),
            (years, 0) => write!(f, "P{years}Y"),
            (years, months) => write!(f, "P{years}Y{months}M"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_round_trip_over_a_billion_years() {
        for text in [
            "1970-01-01",
            "2024-02-29",
            "-0001-12-31",
            "999999999-12-31",
            "-999999999-01-01",
            "0000-03-01",
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!(date.to_string(), text);
            assert_eq!(Date::from_epoch_day(date.epoch_day()), Some(date));
        }
        for text in [
            "2023-02-29",
            "02024-01-01",
            "1000000000-01-01",
            "2024-1-1",
            "2024-01-01 ",
            "+2024-01-01",
            "24-01-01",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::parse("2020-12-31").unwrap().week_of_year(), 53);
        assert_eq!(Date::parse("2018-12-10").unwrap().weekday(), 1);
    }

    #[test]
    fn durations_read_and_write() {
        for (text, expected) in [
            ("P1D", "P1D"),
            ("PT36H", "P1DT12H"),
            ("-PT1.5S", "-PT1.5S"),
            ("P14M", "P1Y2M"),
            ("-P0Y", "P0M"),
            ("PT0S", "PT0S"),
        ] {
            let written = match duration(text).unwrap() {
                Ok(days) => days.to_string(),
                Err(months) => months.to_string(),
            };
            assert_eq!(written, expected);
        }
        for text in [
            "P", "PT", "P1DT", "P1Y1D", "1D", "P1S", "PT1D", "P-1D", "P1M1Y", "P1.5D", "PT1H1H",
        ] {
            assert!(duration(text).is_none(), "{text}");
        }
    }

    #[test]
    fn zones_follow_their_rules() {
        let paris = DateTime::parse("2018-10-08T00:00:00@Europe/Paris").unwrap();
        assert_eq!(paris.offset(), Some(7200));
        let summer = DateTime::parse("2018-10-08T00:00:00+02:00").unwrap();
        assert_eq!(paris.compare(&summer), Some(std::cmp::Ordering::Equal));
        let far = DateTime::parse("99999-07-08T00:00:00@Europe/Paris").unwrap();
        assert_eq!(far.offset(), Some(7200));
        let hour = DaysTimeDuration::from_seconds(3600);
        let before_spring = DateTime::parse("2021-03-28T01:30:00@Europe/Paris").unwrap();
        assert_eq!(
            before_spring.add(hour).unwrap().to_string(),
            "2021-03-28T03:30:00@Europe/Paris"
        );
        assert_eq!(
            DateTime::parse("2021-01-01T24:00:00").unwrap().to_string(),
            "2021-01-02T00:00:00"
        );
    }
}
