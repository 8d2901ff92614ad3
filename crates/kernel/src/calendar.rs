//! When a company works, and how long something takes in its working time.
//!
//! A calendar has a zone, working hours per weekday and holidays as rules. [`Calendar::ready`] makes it fit to compute
//! with; zones other than `UTC` want the feature `zones`.
//!
//! **Daylight saving.** Working hours are civil time, durations are real time: an hour of work is 3,600 seconds on every
//! day. A bound that falls into a skipped hour is moved to the instant at which the skip ends. In a repeated hour, opening
//! means its first pass and closing its second: the company is open throughout.
//!
//! **Days.** `P2D` in business time is the second working day after, at the same time of day, moved into that day's hours.
//! `PT4H` is four hours of work. Weeks, months and years are steps on the civil calendar, before the rest.
//!
//! **What begins again and again**: [`Slots`].

mod slots;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SpanRelativeTo, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::{Moment, Span};

pub use slots::{SlotKind, Slots};

/// As it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// IANA name, `America/Argentina/Buenos_Aires`.
    pub zone: String,
    /// Monday first. Empty: nobody works on that day.
    pub week: [Vec<Hours>; 7],
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
}

/// From minute to minute of a day, 0 to 1,440; what begins at `to` is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub from: u16,
    pub to: u16,
}

impl Hours {
    /// Whole hours, such as 9 to 18.
    pub const fn new(from: u16, to: u16) -> Self {
        Self {
            from: from * 60,
            to: to * 60,
        }
    }
}

/// A day, year after year, on which other hours hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    pub name: String,
    #[serde(flatten)]
    pub rule: Rule,
    #[serde(default)]
    pub moved: Moved,
    /// Empty: closed. Otherwise a short day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// 25 December. 29 February is there in leap years only.
    Fixed { month: i8, day: i8 },
    /// The third Monday of August; `nth` −1 is the last. `weekday` from 1 = Monday.
    NthWeekday { month: i8, weekday: i8, nth: i8 },
    /// So many days after Easter Sunday (Good Friday: −2).
    Easter { days: i16 },
    /// Once: `2026-11-21`.
    Once { date: String },
}

/// What becomes of a holiday that falls on an awkward day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    #[default]
    Never,
    /// Saturday and Sunday give way to the Monday after.
    WeekendToMonday,
    /// Saturday gives way to Friday, Sunday to Monday.
    NearestWeekday,
    /// Tuesday and Wednesday go to the Monday before, Thursday and Friday to the Monday after (Argentina, Ley 27.399).
    NearestMonday,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarError {
    /// Not in the tz database (or the program is built without it).
    UnknownZone(String),
    /// Hours that end before they begin, overlap, or leave the day.
    BadHours { weekday: usize },
    /// A rule that no year fulfils.
    BadHoliday(String),
    /// Not an ISO 8601 duration, or one that runs backwards.
    BadDuration(String),
    /// Fewer working hours than asked for within the next forty years.
    NeverWorks,
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownZone(zone) => write!(f, "unknown time zone {zone}"),
            Self::BadHours { weekday } => write!(f, "bad working hours on weekday {}", weekday + 1),
            Self::BadHoliday(name) => write!(f, "a holiday that never comes: {name}"),
            Self::BadDuration(text) => write!(f, "not a duration: {text}"),
            Self::NeverWorks => f.write_str("the calendar has no working time left"),
        }
    }
}
impl std::error::Error for CalendarError {}

const DAYS_AHEAD: usize = 40 * 366;

impl Calendar {
    /// Monday to Friday, nine to six, no holidays.
    pub fn office(zone: impl Into<String>) -> Self {
        let day = || vec![Hours::new(9, 18)];
        Self {
            zone: zone.into(),
            week: [day(), day(), day(), day(), day(), vec![], vec![]],
            holidays: Vec::new(),
        }
    }

    /// Checks it and finds its zone.
    pub fn ready(&self) -> Result<WorkTime, CalendarError> {
        let zone = if self.zone == "UTC" {
            TimeZone::UTC
        } else {
            TimeZone::get(&self.zone).map_err(|_| CalendarError::UnknownZone(self.zone.clone()))?
        };
        for (weekday, hours) in self.week.iter().enumerate() {
            if !in_order(hours) {
                return Err(CalendarError::BadHours { weekday });
            }
        }
        for holiday in &self.holidays {
            // A leap year, so that 29 February counts.
            let there = match &holiday.rule {
                Rule::Once { date } => date.parse::<Date>().is_ok(),
                rule => (2024..2032).any(|year| day_of(rule, year).is_some()),
            };
            if !there || !in_order(&holiday.hours) {
                return Err(CalendarError::BadHoliday(holiday.name.clone()));
            }
        }
        Ok(WorkTime {
            calendar: self.clone(),
            zone,
        })
    }
}

fn in_order(hours: &[Hours]) -> bool {
    let mut last = 0;
    hours.iter().all(|h| {
        let good = h.from >= last && h.from < h.to && h.to <= 1_440;
        last = h.to;
        good
    })
}

/// A calendar with its zone found: what computes.
#[derive(Clone, Debug)]
pub struct WorkTime {
    calendar: Calendar,
    zone: TimeZone,
}

impl WorkTime {
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The instant at which so much work has been done since `from`. No work at all: the first instant, from `from` on, at
    /// which the company is open.
    pub fn add(&self, from: Moment, work: Span) -> Result<Moment, CalendarError> {
        if work < Span::ZERO {
            return Err(CalendarError::BadDuration(format!(
                "{} µs",
                work.as_micros()
            )));
        }
        let mut left = work.as_micros();
        for (open, close) in self.shifts(from) {
            let begin = open.max(from);
            let there = close.since(begin).as_micros();
            if there <= 0 {
                continue;
            }
            if left <= there {
                return Ok(begin + Span::from_micros(left));
            }
            left -= there;
        }
        Err(CalendarError::NeverWorks)
    }

    /// How much working time lies between two instants; nothing where `to` is not after `from`.
    pub fn between(&self, from: Moment, to: Moment) -> Span {
        let shifts = self.shifts(from).take_while(|(open, _)| *open < to);
        let worked =
            shifts.map(|(open, close)| close.min(to).since(open.max(from)).as_micros().max(0));
        Span::from_micros(worked.sum())
    }

    pub fn is_open(&self, at: Moment) -> bool {
        self.shifts(at)
            .take_while(|(open, _)| *open <= at)
            .any(|(open, close)| open <= at && at < close)
    }

    /// `at` itself where the company is open, else when it opens next.
    pub fn next_open(&self, at: Moment) -> Result<Moment, CalendarError> {
        self.add(at, Span::ZERO)
    }

    /// The instant that lies an ISO 8601 duration after `from` in business time; see the module's page.
    pub fn after(&self, from: Moment, duration: &str) -> Result<Moment, CalendarError> {
        let bad = || CalendarError::BadDuration(duration.to_owned());
        let span: jiff::Span = duration.trim().parse().map_err(|_| bad())?;
        if span.is_negative() {
            return Err(bad());
        }
        let steps = jiff::Span::new()
            .try_years(span.get_years())
            .and_then(|s| s.try_months(span.get_months()))
            .and_then(|s| s.try_weeks(span.get_weeks()))
            .map_err(|_| bad())?;
        let mut at = from;
        if !steps.is_zero() {
            let there = self.local(at).checked_add(steps).map_err(|_| bad())?;
            at = self.instant(there, Bound::Opening);
        }
        if span.get_days() > 0 {
            at = self.add_days(at, usize::try_from(span.get_days()).map_err(|_| bad())?)?;
        }
        let time = jiff::Span::new()
            .try_hours(span.get_hours())
            .and_then(|s| s.try_minutes(span.get_minutes()))
            .and_then(|s| s.try_seconds(span.get_seconds()))
            .and_then(|s| s.try_milliseconds(span.get_milliseconds()))
            .and_then(|s| s.try_microseconds(span.get_microseconds()))
            .and_then(|s| s.to_duration(SpanRelativeTo::days_are_24_hours()))
            .map_err(|_| bad())?;
        let micros = i64::try_from(time.as_micros()).map_err(|_| bad())?;
        if micros == 0 && at != from {
            Ok(at)
        } else {
            self.add(at, Span::from_micros(micros))
        }
    }

    /// The same time of day, so many working days later, moved into the hours of that day.
    fn add_days(&self, from: Moment, days: usize) -> Result<Moment, CalendarError> {
        let from = self.next_open(from)?;
        let start = self.local(from);
        let mut years = BTreeMap::new();
        let mut left = days;
        let mut date = start.date();
        for _ in 0..DAYS_AHEAD {
            date = date.tomorrow().map_err(|_| CalendarError::NeverWorks)?;
            let hours = self.hours_on(date, &mut years);
            let (Some(first), Some(last)) = (hours.first(), hours.last()) else {
                continue;
            };
            left -= 1;
            if left == 0 {
                let (open, close) = (
                    self.instant(at(date, first.from), Bound::Opening),
                    self.instant(at(date, last.to), Bound::Closing),
                );
                return Ok(self
                    .instant(date.to_datetime(start.time()), Bound::Opening)
                    .clamp(open, close));
            }
        }
        Err(CalendarError::NeverWorks)
    }

    /// The spans of work from the day of `from` on, in order, each as (opening, closing). They may end before `from`.
    fn shifts(&self, from: Moment) -> impl Iterator<Item = (Moment, Moment)> + '_ {
        let mut years = BTreeMap::new();
        // The day before as well: its last hours may reach over midnight of another offset.
        let first = self.local(from).date().yesterday().unwrap_or(Date::MIN);
        let days = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(DAYS_AHEAD);
        days.flat_map(move |date| {
            let hours = self.hours_on(date, &mut years);
            hours.into_iter().map(move |h| {
                (
                    self.instant(at(date, h.from), Bound::Opening),
                    self.instant(at(date, h.to), Bound::Closing),
                )
            })
        })
        .filter(|(open, close)| open < close)
    }

    fn local(&self, at: Moment) -> DateTime {
        self.zone.to_datetime(at.to_timestamp())
    }

    fn instant(&self, civil: DateTime, bound: Bound) -> Moment {
        let ambiguous = self.zone.to_ambiguous_timestamp(civil);
        let timestamp = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => ambiguous.compatible(),
            AmbiguousOffset::Gap { after, .. } => {
                // Read with the offset of afterwards it lies just before the skip.
                let before = after.to_timestamp(civil);
                let skip = before
                    .ok()
                    .and_then(|before| self.zone.following(before).next());
                skip.map_or_else(|| ambiguous.compatible(), |skip| Ok(skip.timestamp()))
            }
            AmbiguousOffset::Fold { .. } => match bound {
                Bound::Opening => ambiguous.earlier(),
                Bound::Closing => ambiguous.later(),
            },
        };
        // Only beyond the year 9999.
        timestamp.map_or(Moment::MAX, Moment::from_timestamp)
    }

    fn hours_on(&self, date: Date, years: &mut BTreeMap<i16, BTreeMap<Date, usize>>) -> Vec<Hours> {
        let special = years
            .entry(date.year())
            .or_insert_with(|| self.holidays_of(date.year()));
        match special
            .get(&date)
            .and_then(|index| self.calendar.holidays.get(*index))
        {
            Some(holiday) => holiday.hours.clone(),
            None => {
                let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
                self.calendar.week.get(weekday).cloned().unwrap_or_default()
            }
        }
    }

    /// Which day of the year is which holiday. Of two on one day the first in the list counts.
    fn holidays_of(&self, year: i16) -> BTreeMap<Date, usize> {
        let mut days = BTreeMap::new();
        for (index, holiday) in self.calendar.holidays.iter().enumerate() {
            // New Year may move into the year before, New Year's Eve into the year after.
            for near in year.saturating_sub(1)..=year.saturating_add(1) {
                if let Some(date) =
                    day_of(&holiday.rule, near).and_then(|date| shifted(date, holiday.moved))
                    && date.year() == year
                {
                    days.entry(date).or_insert(index);
                }
            }
        }
        days
    }
}

#[derive(Clone, Copy)]
enum Bound {
    Opening,
    Closing,
}

fn at(date: Date, minute: u16) -> DateTime {
    let minute = i64::from(minute);
    date.to_datetime(Time::midnight())
        .checked_add(minute.minutes())
        .unwrap_or(DateTime::MAX)
}

fn day_of(rule: &Rule, year: i16) -> Option<Date> {
    match rule {
        Rule::Fixed { month, day } => Date::new(year, *month, *day).ok(),
        Rule::NthWeekday {
            month,
            weekday,
            nth,
        } => {
            let weekday = Weekday::from_monday_one_offset(*weekday).ok()?;
            Date::new(year, *month, 1)
                .ok()?
                .nth_weekday_of_month(*nth, weekday)
                .ok()
        }
        Rule::Easter { days } => easter(year)?.checked_add(i64::from(*days).days()).ok(),
        Rule::Once { date } => date.parse::<Date>().ok().filter(|date| date.year() == year),
    }
}

fn shifted(date: Date, moved: Moved) -> Option<Date> {
    let days: i64 = match (moved, date.weekday()) {
        (Moved::WeekendToMonday, Weekday::Saturday) => 2,
        (Moved::WeekendToMonday | Moved::NearestWeekday, Weekday::Sunday) => 1,
        (Moved::NearestWeekday, Weekday::Saturday) => -1,
        (Moved::NearestMonday, Weekday::Tuesday) => -1,
        (Moved::NearestMonday, Weekday::Wednesday) => -2,
        (Moved::NearestMonday, Weekday::Thursday) => 4,
        (Moved::NearestMonday, Weekday::Friday) => 3,
        _ => 0,
    };
    date.checked_add(days.days()).ok()
}

/// Easter Sunday of the Gregorian calendar (from 1583): Gauss's rule as corrected by Lichtenberg.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let century = y / 100;
    let moon_shift = 15 + (3 * century + 3) / 4 - (8 * century + 13) / 25;
    let sun_shift = 2 - (3 * century + 3) / 4;
    let golden = y % 19;
    let full_moon_seed = (19 * golden + moon_shift) % 30;
    let late = full_moon_seed / 29 + (full_moon_seed / 28 - full_moon_seed / 29) * (golden / 11);
    let full_moon = 21 + full_moon_seed - late;
    let first_sunday = 7 - (y + y / 4 + sun_shift) % 7;
    let distance = 7 - (full_moon - first_sunday) % 7;
    // In days of March; beyond 31 it is April.
    let day = full_moon + distance;
    Date::new(year, 3, 1)
        .ok()?
        .checked_add(i64::from(day - 1).days())
        .ok()
}

#[cfg(test)]
mod tests;
