use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> Moment {
    text.parse().unwrap()
}

fn office(zone: &str) -> WorkTime {
    Calendar::office(zone).ready().unwrap()
}

fn holiday(rule: Rule) -> Holiday {
    Holiday {
        name: "x".into(),
        rule,
        moved: Moved::Never,
        hours: vec![],
    }
}

#[test]
fn work_stops_at_six_and_over_the_weekend() {
    let office = office("UTC");
    // Friday 2026-11-20, 16:00: two hours are left today, the other two come on Monday.
    let friday = utc("2026-11-20T16:00:00Z");
    assert_eq!(
        office.add(friday, Span::from_hours(4)).unwrap(),
        utc("2026-11-23T11:00:00Z")
    );
    assert_eq!(
        office.add(friday, Span::from_hours(2)).unwrap(),
        utc("2026-11-20T18:00:00Z")
    );
    assert_eq!(
        office.next_open(utc("2026-11-21T12:00:00Z")).unwrap(),
        utc("2026-11-23T09:00:00Z")
    );
    assert_eq!(
        office.between(friday, utc("2026-11-23T11:00:00Z")),
        Span::from_hours(4)
    );
    assert!(office.is_open(friday) && !office.is_open(utc("2026-11-20T18:00:00Z")));
}

#[test]
fn days_are_working_days_at_the_same_time_of_day() {
    let office = office("UTC");
    let thursday = utc("2026-11-19T16:30:00Z");
    assert_eq!(
        office.after(thursday, "P2D").unwrap(),
        utc("2026-11-23T16:30:00Z")
    );
    assert_eq!(
        office.after(thursday, "P1DT3H").unwrap(),
        utc("2026-11-23T10:30:00Z")
    );
    assert_eq!(
        office.after(thursday, "P1W").unwrap(),
        utc("2026-11-26T16:30:00Z")
    );
    // At night the day begins with the next opening.
    assert_eq!(
        office.after(utc("2026-11-19T23:00:00Z"), "P1D").unwrap(),
        utc("2026-11-23T09:00:00Z")
    );
    assert_eq!(
        office.after(thursday, "-PT1H"),
        Err(CalendarError::BadDuration("-PT1H".into()))
    );
    assert_eq!(
        office.after(thursday, "soon"),
        Err(CalendarError::BadDuration("soon".into()))
    );
}

#[test]
fn holidays_come_by_their_rules() {
    // Easter Sundays as published.
    for (year, month, day) in [
        (1961, 4, 2),
        (2000, 4, 23),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2038, 4, 25),
        (2049, 4, 18),
        (1981, 4, 19),
        (1954, 4, 18),
    ] {
        assert_eq!(easter(year), Date::new(year, month, day).ok(), "{year}");
    }
    let good_friday = day_of(&Rule::Easter { days: -2 }, 2026);
    assert_eq!(good_friday, Date::new(2026, 4, 3).ok());
    assert_eq!(
        day_of(
            &Rule::NthWeekday {
                month: 8,
                weekday: 1,
                nth: 3
            },
            2026
        ),
        Date::new(2026, 8, 17).ok()
    );
    assert_eq!(
        day_of(
            &Rule::NthWeekday {
                month: 5,
                weekday: 1,
                nth: -1
            },
            2026
        ),
        Date::new(2026, 5, 25).ok()
    );
    assert_eq!(day_of(&Rule::Fixed { month: 2, day: 29 }, 2026), None);
    // 17 June 2026 is a Wednesday: the Monday before. 12 October 2028 is a Thursday: the Monday after.
    assert_eq!(
        shifted(Date::constant(2026, 6, 17), Moved::NearestMonday),
        Date::new(2026, 6, 15).ok()
    );
    assert_eq!(
        shifted(Date::constant(2028, 10, 12), Moved::NearestMonday),
        Date::new(2028, 10, 16).ok()
    );
    // 1 January 2028 is a Saturday; it moves into the year before, and is found there.
    let mut calendar = Calendar::office("UTC");
    calendar.holidays = vec![Holiday {
        moved: Moved::NearestWeekday,
        ..holiday(Rule::Fixed { month: 1, day: 1 })
    }];
    assert!(
        !calendar
            .ready()
            .unwrap()
            .is_open(utc("2027-12-31T12:00:00Z"))
    );
}

#[test]
fn a_short_day_has_its_own_hours() {
    let mut calendar = Calendar::office("UTC");
    calendar.holidays = vec![
        Holiday {
            hours: vec![Hours::new(9, 13)],
            ..holiday(Rule::Fixed { month: 12, day: 24 })
        },
        holiday(Rule::Fixed { month: 12, day: 25 }),
    ];
    let office = calendar.ready().unwrap();
    // Thursday the 24th at noon: one hour, then nothing until Monday the 28th.
    assert_eq!(
        office
            .add(utc("2026-12-24T12:00:00Z"), Span::from_hours(2))
            .unwrap(),
        utc("2026-12-28T10:00:00Z")
    );
}

#[test]
fn what_cannot_be_is_refused() {
    assert_eq!(
        Calendar::office("Mars/Olympus").ready().err(),
        Some(CalendarError::UnknownZone("Mars/Olympus".into()))
    );
    let mut calendar = Calendar::office("UTC");
    calendar.week[2] = vec![Hours::new(9, 13), Hours::new(12, 18)];
    assert_eq!(
        calendar.ready().err(),
        Some(CalendarError::BadHours { weekday: 2 })
    );
    let mut calendar = Calendar::office("UTC");
    calendar.holidays = vec![holiday(Rule::Fixed { month: 2, day: 30 })];
    assert_eq!(
        calendar.ready().err(),
        Some(CalendarError::BadHoliday("x".into()))
    );
    let mut calendar = Calendar::office("UTC");
    calendar.week = Default::default();
    assert_eq!(
        calendar
            .ready()
            .unwrap()
            .add(Moment::EPOCH, Span::from_secs(1)),
        Err(CalendarError::NeverWorks)
    );
}

#[cfg(feature = "zones")]
#[test]
fn an_hour_of_work_is_an_hour_when_the_clocks_change() {
    let mut calendar = Calendar::office("America/New_York");
    calendar.week = std::array::from_fn(|_| vec![Hours::new(0, 24)]);
    let always = calendar.ready().unwrap();
    // 8 March 2026 has 23 hours, 1 November 25.
    assert_eq!(
        always.between(utc("2026-03-08T05:00:00Z"), utc("2026-03-09T04:00:00Z")),
        Span::from_hours(23)
    );
    assert_eq!(
        always.between(utc("2026-11-01T04:00:00Z"), utc("2026-11-02T05:00:00Z")),
        Span::from_hours(25)
    );
    // Opening inside the skipped hour is its end, 3:00 EDT; the repeated hour is worked twice.
    calendar.week = std::array::from_fn(|_| vec![Hours { from: 150, to: 240 }]);
    assert_eq!(
        calendar
            .ready()
            .unwrap()
            .next_open(utc("2026-03-08T05:00:00Z"))
            .unwrap(),
        utc("2026-03-08T07:00:00Z")
    );
    calendar.week = std::array::from_fn(|_| vec![Hours { from: 60, to: 105 }]);
    let night = calendar.ready().unwrap();
    assert_eq!(
        night.between(utc("2026-11-01T04:00:00Z"), utc("2026-11-01T12:00:00Z")),
        Span::from_minutes(105)
    );
    // The same civil hours in winter and in summer are other instants.
    let office = office("America/New_York");
    assert_eq!(
        office.next_open(utc("2026-03-06T23:00:00Z")).unwrap(),
        utc("2026-03-09T13:00:00Z")
    );
    assert_eq!(
        office.next_open(utc("2026-03-06T10:00:00Z")).unwrap(),
        utc("2026-03-06T14:00:00Z")
    );
}

#[cfg(feature = "zones")]
#[test]
fn buenos_aires_has_its_own_noon() {
    let office = office("America/Argentina/Buenos_Aires");
    assert_eq!(
        office.next_open(utc("2026-11-20T03:00:00Z")).unwrap(),
        utc("2026-11-20T12:00:00Z")
    );
}

fn some_calendar() -> impl Strategy<Value = WorkTime> {
    let hours = prop_oneof![
        Just(vec![]),
        Just(vec![Hours::new(9, 18)]),
        Just(vec![Hours::new(0, 24)]),
        Just(vec![
            Hours::new(8, 12),
            Hours {
                from: 780,
                to: 1_070
            }
        ]),
    ];
    let zone = if cfg!(feature = "zones") {
        prop::sample::select(vec![
            "UTC",
            "America/New_York",
            "Europe/Madrid",
            "Australia/Lord_Howe",
            "America/Santiago",
        ])
        .boxed()
    } else {
        Just("UTC").boxed()
    };
    (prop::collection::vec(hours, 6), zone, -60_i16..60).prop_map(|(mut week, zone, days)| {
        // At least one day is worked.
        week.push(vec![Hours::new(10, 11)]);
        let week = week.try_into().unwrap();
        Calendar {
            zone: zone.into(),
            week,
            holidays: vec![holiday(Rule::Easter { days })],
        }
        .ready()
        .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn adding_and_measuring_agree(
        calendar in some_calendar(),
        from in 1_700_000_000_i64..1_900_000_000,
        work in 0_i64..400_000,
        more in 0_i64..400_000,
    ) {
        let (from, work, more) = (Moment::from_secs(from), Span::from_secs(work), Span::from_secs(more));
        let end = calendar.add(from, work).unwrap();
        prop_assert!(end >= from);
        prop_assert_eq!(calendar.between(from, end), work);
        // Nothing is lost on the way: in two steps as in one, and time adds up.
        if more > Span::ZERO {
            prop_assert_eq!(calendar.add(end, more).unwrap(), calendar.add(from, work + more).unwrap());
        }
        let far = end + Span::from_days(3);
        prop_assert_eq!(calendar.between(from, end) + calendar.between(end, far), calendar.between(from, far));
        // Where work was done, the end lies in a shift or at its closing.
        if work > Span::ZERO {
            prop_assert!(calendar.is_open(end - Span::from_micros(1)));
        }
        prop_assert!(calendar.is_open(calendar.next_open(from).unwrap()));
    }
}
