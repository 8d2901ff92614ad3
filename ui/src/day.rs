//! A calendar day, apart from any hour or zone: what date fields hold and calendars show.

use std::fmt;

/// A day of the Gregorian calendar, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// `None` where the calendar has no such day.
    pub fn of(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1..=12).contains(&month) || !(1..=9999).contains(&year) || day < 1 {
            return None;
        }
        (day <= days_in(year, month)).then(|| Self::counted(year, month, day))
    }

    // The civil calendar by Howard Hinnant's day-counting rule: years begin in March, so that leap days come last.
    fn counted(year: i64, month: i64, day: i64) -> Self {
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Self(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// Year, month (1–12) and day of the month.
    pub fn parts(self) -> (i64, i64, i64) {
        let count = self.0 + 719_468;
        let era = count.div_euclid(146_097);
        let of_era = count.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        (year + era * 400 + i64::from(month <= 2), month, day)
    }

    /// From `2026-11-21`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(str::parse::<i64>);
        Self::of(
            parts.next()?.ok()?,
            parts.next()?.ok()?,
            parts.next()?.ok()?,
        )
    }

    /// Monday is 0.
    pub const fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }

    pub const fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// The same day of another month, or that month's last.
    pub fn plus_months(self, months: i64) -> Self {
        let (year, month, day) = self.parts();
        let count = year * 12 + month - 1 + months;
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
        Self::of(year, month, day.min(days_in(year, month))).unwrap_or(self)
    }

    pub fn first_of_month(self) -> Self {
        let (_, _, day) = self.parts();
        self.plus(1 - day)
    }

    /// Milliseconds since 1970 at midnight UTC: for formatting in the zone UTC.
    #[expect(
        clippy::cast_precision_loss,
        reason = "days of the range 1 to 9999 are exact in a double"
    )]
    pub const fn as_utc_ms(self) -> f64 {
        self.0 as f64 * 86_400_000.0
    }

    /// Reads what a person typed (`3/11/26`, `3 11`, `03112026`), in the order of the parts that the region uses.
    /// A year of two digits is within 80 years back and 19 ahead of `today`; a missing one is this year's.
    pub fn typed(text: &str, order: [Part; 3], today: Self) -> Option<Self> {
        let mut numbers: Vec<String> = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|piece| !piece.is_empty())
            .map(str::to_owned)
            .collect();
        if let [run] = numbers.as_slice()
            && (run.len() == 8 || run.len() == 6 || run.len() == 4)
        {
            numbers = split_run(run, order);
        }
        // `2026-11-21` is read as it is in every region.
        let order = if numbers.first().is_some_and(|first| first.len() == 4) {
            [Part::Year, Part::Month, Part::Day]
        } else {
            order
        };
        let (this_year, _, _) = today.parts();
        let order: Vec<Part> = match numbers.len() {
            3 => order.to_vec(),
            2 => order
                .into_iter()
                .filter(|part| *part != Part::Year)
                .collect(),
            _ => return None,
        };
        let (mut year, mut month, mut day) = (this_year, 0, 0);
        for (part, number) in order.into_iter().zip(&numbers) {
            let value: i64 = number.parse().ok()?;
            match part {
                Part::Year if number.len() <= 2 => {
                    year = this_year - this_year % 100 + value;
                    if year > this_year + 19 {
                        year -= 100;
                    } else if year <= this_year - 81 {
                        year += 100;
                    }
                }
                Part::Year => year = value,
                Part::Month => month = value,
                Part::Day => day = value,
            }
        }
        Self::of(year, month, day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A part of a written date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Day,
    Month,
    Year,
}

fn split_run(run: &str, order: [Part; 3]) -> Vec<String> {
    let year = run.len().saturating_sub(4);
    let mut rest = run;
    let mut pieces = Vec::new();
    for part in order {
        let take = if part == Part::Year { year } else { 2 };
        if take == 0 {
            continue;
        }
        let (piece, left) = rest.split_at(take.min(rest.len()));
        pieces.push(piece.to_owned());
        rest = left;
    }
    pieces
}

pub const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0
            && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) =>
        {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATIN: [Part; 3] = [Part::Day, Part::Month, Part::Year];
    const US: [Part; 3] = [Part::Month, Part::Day, Part::Year];

    #[test]
    fn every_day_of_four_centuries_reads_back() {
        for count in -60_000..90_000 {
            let day = Day(count);
            let (year, month, of_month) = day.parts();
            assert_eq!(Day::of(year, month, of_month), Some(day));
            assert_eq!(Day::parse(&day.to_string()), Some(day));
        }
        assert_eq!(Day::parse("2026-11-21").map(Day::weekday), Some(5));
    }

    #[test]
    fn what_people_type_is_understood() {
        let today = Day::parse("2026-11-21").unwrap();
        let read = |text, order| Day::typed(text, order, today).map(|day| day.to_string());
        assert_eq!(read("3/11/26", LATIN).as_deref(), Some("2026-11-03"));
        assert_eq!(read("3/11/26", US).as_deref(), Some("2026-03-11"));
        assert_eq!(read("3 12", LATIN).as_deref(), Some("2026-12-03"));
        assert_eq!(read("03111958", LATIN).as_deref(), Some("1958-11-03"));
        assert_eq!(read("031158", LATIN).as_deref(), Some("1958-11-03"));
        assert_eq!(read("2026-02-28", US).as_deref(), Some("2026-02-28"));
        assert_eq!(read("29/2/2025", LATIN), None);
        assert_eq!(read("mañana", LATIN), None);
    }

    #[test]
    fn the_last_of_a_month_stays_the_last() {
        let day = Day::parse("2026-01-31").unwrap();
        assert_eq!(day.plus_months(1).to_string(), "2026-02-28");
        assert_eq!(day.plus_months(-2).to_string(), "2025-11-30");
    }
}
