//! Schedules over changes of the clocks, and the instants at which they must begin: written down from the tz database by
//! Python's `zoneinfo` (a skipped time comes later by what is skipped, a repeated one the first time), not by our calendar.

/// Three days at one local time, the change of the clocks among them.
pub struct Cycle {
    pub zone: &'static str,
    /// The first, by the clocks of the zone.
    pub first: &'static str,
    pub slots: [&'static str; 3],
}

/// Six zones, both ways. Among them a change by half an hour, one around midnight, and one that follows the moon.
#[rustfmt::skip]
pub const CYCLES: [Cycle; 12] = [
    Cycle { zone: "Europe/Madrid", first: "2026-03-28T02:30:00", slots: ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"] },
    Cycle { zone: "Europe/Madrid", first: "2026-10-24T02:30:00", slots: ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"] },
    Cycle { zone: "America/New_York", first: "2026-03-07T02:30:00", slots: ["2026-03-07T07:30:00Z", "2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"] },
    Cycle { zone: "America/New_York", first: "2026-10-31T01:30:00", slots: ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"] },
    Cycle { zone: "America/Santiago", first: "2026-04-03T23:30:00", slots: ["2026-04-04T02:30:00Z", "2026-04-05T02:30:00Z", "2026-04-06T03:30:00Z"] },
    Cycle { zone: "America/Santiago", first: "2026-09-05T00:30:00", slots: ["2026-09-05T04:30:00Z", "2026-09-06T04:30:00Z", "2026-09-07T03:30:00Z"] },
    Cycle { zone: "Australia/Lord_Howe", first: "2026-04-04T01:45:00", slots: ["2026-04-03T14:45:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"] },
    Cycle { zone: "Australia/Lord_Howe", first: "2026-10-03T02:15:00", slots: ["2026-10-02T15:45:00Z", "2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"] },
    Cycle { zone: "Africa/Casablanca", first: "2026-02-14T02:30:00", slots: ["2026-02-14T01:30:00Z", "2026-02-15T01:30:00Z", "2026-02-16T02:30:00Z"] },
    Cycle { zone: "Africa/Casablanca", first: "2026-03-21T02:30:00", slots: ["2026-03-21T02:30:00Z", "2026-03-22T02:30:00Z", "2026-03-23T01:30:00Z"] },
    Cycle { zone: "Asia/Beirut", first: "2026-03-28T00:30:00", slots: ["2026-03-27T22:30:00Z", "2026-03-28T22:30:00Z", "2026-03-29T21:30:00Z"] },
    Cycle { zone: "Asia/Beirut", first: "2026-10-23T23:30:00", slots: ["2026-10-23T20:30:00Z", "2026-10-24T20:30:00Z", "2026-10-25T21:30:00Z"] },
];

/// As a node is told of it.
pub(super) fn told(cycle: &Cycle) -> String {
    format!("{}@{}", cycle.zone, cycle.first)
}

/// Zone and first instant of what a node was told.
pub fn parts(told: &str) -> (&str, &str) {
    told.split_once('@').unwrap_or((told, ""))
}

/// The body of a process that begins by it and ends at once.
pub fn process(told: &str) -> String {
    let first = parts(told).1;
    format!(
        r#"<startEvent id="begin"><timerEventDefinition><timeCycle xsi:type="tFormalExpression">R3/{first}/P1D</timeCycle></timerEventDefinition></startEvent>
        <sequenceFlow id="f1" sourceRef="begin" targetRef="end"/><endEvent id="end"/>"#
    )
}
