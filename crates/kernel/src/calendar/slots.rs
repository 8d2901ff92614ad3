//! The instants of an ISO 8601 timer that begins something again and again: a date, a duration, or a cycle.
//!
//! Cycles are counted from their first instant, in the calendar's zone, so that nothing drifts: `R/P1D` from eight in the
//! morning stays at eight over a change of the clocks, and `R/P1M` from the 31st comes on the last day of shorter months.
//! Every instant comes exactly once: one that the clocks skip comes so much later as they skip, one that they repeat comes
//! the first time. A step of hours, minutes or seconds is exact time and knows no change of the clocks.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span as Step, Timestamp};

use crate::Moment;

/// What kind of text it is; BPMN says it beside the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    Date,
    Duration,
    Cycle,
}

#[derive(Clone, Debug)]
pub struct Slots {
    begin: Option<Moment>,
    step: Option<Step>,
    /// `None`: for ever.
    count: Option<u32>,
    zone: TimeZone,
}

impl Slots {
    /// `None` where the text is nothing of the kind. An instant without an offset is one of the zone.
    pub fn parse(kind: SlotKind, text: &str, zone: &TimeZone) -> Option<Self> {
        let text = text.trim();
        let (begin, step, count) = match kind {
            SlotKind::Date => (Some(instant(text, zone)?), None, Some(1)),
            SlotKind::Duration => (None, Some(step(text)?), Some(1)),
            SlotKind::Cycle => {
                let mut parts = text.split('/');
                let first = parts.next()?;
                match first.strip_prefix('R') {
                    None => (None, Some(step(first)?), None),
                    Some(times) => {
                        let count = match times {
                            "" | "-1" => None,
                            times => Some(times.parse().ok().filter(|n| *n > 0)?),
                        };
                        let second = parts.next()?;
                        match (parts.next(), parts.next()) {
                            (None, _) => (None, Some(step(second)?), count),
                            (Some(third), None) => {
                                (Some(instant(second, zone)?), Some(step(third)?), count)
                            }
                            _ => return None,
                        }
                    }
                }
            }
        };
        Some(Self {
            begin,
            step,
            count,
            zone: zone.clone(),
        })
    }

    /// The first instant, for what begins to listen at `now`. It may lie in the past.
    pub fn first(&self, now: Moment) -> Option<Moment> {
        match self.begin {
            Some(begin) => Some(begin),
            None => self.at(now, 1),
        }
    }

    /// When a timer comes that was set at `now`: at its instant, though it be past; else at the beginning of its cycle where that
    /// is still to come, else one step on.
    pub fn set_at(&self, now: Moment) -> Option<Moment> {
        match (self.begin, self.step) {
            (Some(instant), None) => Some(instant),
            (Some(begin), _) if begin > now => Some(begin),
            _ => self.at(now, 1),
        }
    }

    /// The first instant after `now`, with its number (from 0), of those that were counted from `first` on and of which
    /// `passed` are over. `None`: there is none any more.
    pub fn after(&self, first: Moment, passed: u32, now: Moment) -> Option<(u32, Moment)> {
        let last = self.count.map_or(u32::MAX, |count| count - 1);
        let mut number = passed;
        // Steps of an even length need no walk through what was missed.
        if let Some(length) = self.even_length()
            && now > first
        {
            let missed = now.since(first).as_micros() / length;
            number = number.max(u32::try_from(missed).unwrap_or(u32::MAX));
        }
        while number <= last {
            let at = self.at(first, number)?;
            if at > now {
                return Some((number, at));
            }
            number = number.checked_add(1)?;
        }
        None
    }

    fn at(&self, first: Moment, number: u32) -> Option<Moment> {
        let Some(step) = self.step else {
            return (number == 0).then_some(first);
        };
        let step = step.checked_mul(i64::from(number)).ok()?;
        let zoned = first.to_timestamp().to_zoned(self.zone.clone());
        Some(Moment::from_timestamp(
            zoned.checked_add(step).ok()?.timestamp(),
        ))
    }

    /// In microseconds; `None` where it depends on the calendar.
    fn even_length(&self) -> Option<i64> {
        let step = self.step?;
        let civil = step.get_years() != 0
            || step.get_months() != 0
            || step.get_weeks() != 0
            || step.get_days() != 0;
        if civil {
            return None;
        }
        i64::try_from(step.total(jiff::Unit::Microsecond).ok()? as i128).ok()
    }
}

fn step(text: &str) -> Option<Step> {
    // jiff also reads «4 hours»; a document says PT4H.
    if !text.starts_with('P') {
        return None;
    }
    let step: Step = text.parse().ok()?;
    (step.is_positive()).then_some(step)
}

fn instant(text: &str, zone: &TimeZone) -> Option<Moment> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(Moment::from_timestamp(instant));
    }
    let local: DateTime = text.parse().ok()?;
    Some(Moment::from_timestamp(
        local.to_zoned(zone.clone()).ok()?.timestamp(),
    ))
}

// The tz database comes with the feature `zones`.
#[cfg(test)]
#[cfg(feature = "zones")]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        instant(text, &TimeZone::UTC).expect("an instant")
    }

    fn cycle(text: &str, zone: &str) -> Slots {
        let zone = TimeZone::get(zone).expect("a zone");
        Slots::parse(SlotKind::Cycle, text, &zone).expect("a cycle")
    }

    /// Every slot of two years, one by one, at most so many.
    fn all(slots: &Slots, first: Moment, until: Moment) -> Vec<Moment> {
        let mut now = first - crate::Span::from_micros(1);
        let mut passed = 0;
        let mut found = Vec::new();
        while let Some((number, slot)) = slots.after(first, passed, now) {
            if slot > until {
                break;
            }
            found.push(slot);
            (now, passed) = (slot, number + 1);
        }
        found
    }

    /// Six zones, with changes of the clock in both halves of the year, at midnight, of half an hour, and none.
    const ZONES: [&str; 6] = [
        "Europe/Madrid",
        "America/New_York",
        "America/Santiago",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "America/Argentina/Buenos_Aires",
    ];

    #[test]
    fn every_day_has_its_slot_once_whatever_the_clocks_do() {
        for zone in ZONES {
            for hour in 0..24 {
                let slots = cycle(&format!("R/2026-01-01T{hour:02}:30:00/P1D"), zone);
                let first = slots.first(at("2020-01-01T00:00:00Z")).expect("a first");
                let found = all(&slots, first, first + crate::Span::from_days(730));
                let tz = TimeZone::get(zone).expect("a zone");
                let mut dates: Vec<_> = found
                    .iter()
                    .map(|slot| tz.to_datetime(slot.to_timestamp()).date())
                    .collect();
                assert!(dates.is_sorted(), "{zone} {hour}");
                let (mut count, before) = (0, dates.len());
                dates.dedup();
                let mut date = dates[0];
                for found in &dates {
                    assert_eq!(*found, date, "{zone} {hour}");
                    date = date.tomorrow().expect("a date");
                    count += 1;
                }
                assert_eq!(count, before, "{zone} {hour}: a day with two slots");
                assert!(count >= 729, "{zone} {hour}: {count}");
            }
        }
    }

    #[test]
    fn what_the_clocks_skip_comes_later_and_what_they_repeat_comes_first() {
        let madrid = cycle("R/2026-03-28T02:30:00/P1D", "Europe/Madrid");
        let first = madrid.first(at("2026-01-01T00:00:00Z")).expect("a first");
        let found = all(&madrid, first, at("2026-03-31T00:00:00Z"));
        // On the 29th the clocks go from 2 to 3: half past two is half past three.
        assert_eq!(
            found,
            [
                at("2026-03-28T01:30:00Z"),
                at("2026-03-29T01:30:00Z"),
                at("2026-03-30T00:30:00Z")
            ]
        );
        let autumn = cycle("R2/2026-10-25T02:30:00/P1D", "Europe/Madrid");
        let first = autumn.first(at("2026-01-01T00:00:00Z")).expect("a first");
        assert_eq!(
            all(&autumn, first, at("2027-01-01T00:00:00Z")),
            [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]
        );
    }

    #[test]
    fn months_do_not_drift_and_counts_end() {
        let monthly = cycle("R4/2027-12-31T08:00:00/P1M", "America/Montevideo");
        let first = monthly.first(Moment::EPOCH).expect("a first");
        let days: Vec<_> = all(&monthly, first, at("2029-01-01T00:00:00Z"))
            .iter()
            .map(|slot| slot.to_string()[..10].to_owned())
            .collect();
        assert_eq!(
            days,
            ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]
        );
    }

    #[test]
    fn what_was_missed_is_passed_over_at_once() {
        let slots = cycle("R/PT10S", "UTC");
        let first = at("2026-01-01T00:00:00Z");
        let now = at("2036-01-01T00:00:03Z");
        assert_eq!(
            slots.after(first, 5, now).map(|(_, slot)| slot),
            Some(at("2036-01-01T00:00:10Z"))
        );
        let few = cycle("R3/PT10S", "UTC");
        assert_eq!(few.after(first, 1, now), None);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "", "R0/PT1H", "R/PT0S", "R/1 hour", "R3", "R/-PT1H", "R/a/b/c",
        ] {
            assert!(
                Slots::parse(SlotKind::Cycle, text, &TimeZone::UTC).is_none(),
                "{text}"
            );
        }
        assert!(Slots::parse(SlotKind::Date, "Christmas", &TimeZone::UTC).is_none());
    }
}
