//! ISO 8601 times: instants, durations, cycles.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use kernel::Moment;

use crate::model::TimingKind;

/// What a literal means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct When {
    pub due: Moment,
    /// For a cycle: how often it fires after this once more; `u32::MAX` for ever.
    pub repeats: u32,
}

/// `None`: the text is no literal of this kind.
pub(crate) fn when(kind: TimingKind, text: &str, now: Moment) -> Option<When> {
    let text = text.trim();
    match kind {
        TimingKind::Date => Some(When {
            due: instant(text)?,
            repeats: 0,
        }),
        TimingKind::Duration => Some(When {
            due: after(text, now)?,
            repeats: 0,
        }),
        TimingKind::Cycle => cycle(text, now),
    }
}

/// `R3/PT10M`, `R/PT1H`, `R3/2026-01-01T00:00:00Z/PT1H`; a bare duration repeats for ever.
fn cycle(text: &str, now: Moment) -> Option<When> {
    let mut parts = text.split('/');
    let first = parts.next()?;
    let Some(count) = first.strip_prefix('R') else {
        return Some(When {
            due: after(text, now)?,
            repeats: u32::MAX,
        });
    };
    let times: u32 = if count.is_empty() || count == "-1" {
        u32::MAX
    } else {
        count.parse().ok()?
    };
    let second = parts.next()?;
    let due = match (parts.next(), parts.next()) {
        (None, _) => after(second, now)?,
        (Some(interval), None) => {
            after(interval, now)?;
            let begin = instant(second)?;
            if begin > now {
                begin
            } else {
                after(interval, now)?
            }
        }
        _ => return None,
    };
    let repeats = if times == u32::MAX {
        u32::MAX
    } else {
        times.checked_sub(1)?
    };
    Some(When { due, repeats })
}

/// When a cycle that fired at `now` fires again.
pub(crate) fn again(text: &str, now: Moment) -> Option<Moment> {
    after(text.trim().rsplit('/').next()?, now)
}

fn instant(text: &str) -> Option<Moment> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(Moment::from_timestamp(instant));
    }
    // Without a zone it means UTC; a company's own zone is the caller's affair.
    let local: jiff::civil::DateTime = text.parse().ok()?;
    Some(Moment::from_timestamp(
        local.to_zoned(TimeZone::UTC).ok()?.timestamp(),
    ))
}

fn after(text: &str, now: Moment) -> Option<Moment> {
    // jiff also reads «4 hours»; a document says PT4H.
    if !text.trim_start_matches(['-', '+']).starts_with('P') {
        return None;
    }
    let span: Span = text.parse().ok()?;
    let then = now
        .to_timestamp()
        .to_zoned(TimeZone::UTC)
        .checked_add(span)
        .ok()?;
    Some(Moment::from_timestamp(then.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        instant(text).expect("an instant")
    }

    #[test]
    fn durations_count_calendar_units() {
        let now = at("2026-01-31T10:00:00Z");
        assert_eq!(
            when(TimingKind::Duration, "PT4H", now).map(|w| w.due),
            Some(at("2026-01-31T14:00:00Z"))
        );
        assert_eq!(
            when(TimingKind::Duration, "P1M", now).map(|w| w.due),
            Some(at("2026-02-28T10:00:00Z"))
        );
        assert_eq!(when(TimingKind::Duration, "4 hours", now), None);
    }

    #[test]
    fn cycles_say_how_often_they_come_again() {
        let now = at("2026-01-01T00:00:00Z");
        let ten = at("2026-01-01T00:10:00Z");
        assert_eq!(
            when(TimingKind::Cycle, "R3/PT10M", now),
            Some(When {
                due: ten,
                repeats: 2
            })
        );
        assert_eq!(
            when(TimingKind::Cycle, "R/PT10M", now),
            Some(When {
                due: ten,
                repeats: u32::MAX
            })
        );
        assert_eq!(when(TimingKind::Cycle, "R0/PT10M", now), None);
        assert_eq!(again("R3/2026-01-01T00:00:00Z/PT10M", now), Some(ten));
        let date = "R2/2026-05-01T00:00:00Z/PT10M";
        assert_eq!(
            when(TimingKind::Cycle, date, now),
            Some(When {
                due: at("2026-05-01T00:00:00Z"),
                repeats: 1
            })
        );
    }

    #[test]
    fn a_date_without_zone_is_utc() {
        assert_eq!(
            when(TimingKind::Date, "2026-12-24T18:00:00", Moment::EPOCH).map(|w| w.due),
            Some(at("2026-12-24T18:00:00Z"))
        );
        assert_eq!(when(TimingKind::Date, "Christmas", Moment::EPOCH), None);
    }
}
