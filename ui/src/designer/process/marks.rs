//! The signs of BPMN 2.0 (OMG formal/2011-01-03, clause 7.2 and annex), as path data of our own.

use flow::scene::{EventMark, ShapeKind};

use crate::kit::Icon;

/// Inside a circle of 36 × 36.
pub fn event(mark: EventMark) -> &'static str {
    match mark {
        EventMark::None => "",
        EventMark::Message => "M10 13h16v11H10zM10 13l8 6.5 8-6.5",
        EventMark::Timer => {
            "M18 9a9 9 0 1 1 0 18 9 9 0 1 1 0-18zM18 12v6.2l4 2.3M18 9v2M27 18h-2M18 27v-2M9 18h2"
        }
        EventMark::Error => "M10.5 25l3.6-12 6 7.2 5.4-9.2-3.6 14-6-7.4z",
        EventMark::Escalation => "M18 10l6.5 15.5-6.5-6-6.5 6z",
        EventMark::Signal => "M18 10.5l8 13.5H10z",
        EventMark::Conditional => "M11.5 10.5h13v15h-13zM13.5 14h9M13.5 17h9M13.5 20h9M13.5 23h9",
        EventMark::Link => "M9.5 15.8h9.2v-4l7.6 6.2-7.6 6.2v-4H9.5z",
        EventMark::Compensation => "M17.5 12.5v11L10 18zM25.5 12.5v11L18 18z",
        EventMark::Cancel => {
            "M11.2 13.3l2.1-2.1 4.7 4.7 4.7-4.7 2.1 2.1-4.7 4.7 4.7 4.7-2.1 2.1-4.7-4.7-4.7 4.7-2.1-2.1 4.7-4.7z"
        }
        EventMark::Terminate => "M18 8.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 1 1 0-19z",
        EventMark::Multiple => "M18 9.5l8.4 6.1-3.2 9.9H12.8l-3.2-9.9z",
        EventMark::ParallelMultiple => "M16 10h4v6h6v4h-6v6h-4v-6h-6v-4h6z",
    }
}

/// Inside a diamond of 50 × 50.
pub fn gateway(kind: ShapeKind, cross: bool) -> &'static str {
    match kind {
        ShapeKind::ExclusiveGateway if cross => "M18 17l14 16M32 17L18 33",
        ShapeKind::InclusiveGateway => "M25 15a10 10 0 1 1 0 20 10 10 0 1 1 0-20z",
        ShapeKind::ParallelGateway => "M25 14v22M14 25h22",
        ShapeKind::EventBasedGateway => {
            "M25 12a13 13 0 1 1 0 26 13 13 0 1 1 0-26zM25 14.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 1 1 0-21zM25 18.5l6 4.4-2.3 7.1h-7.4l-2.3-7.1z"
        }
        ShapeKind::InstantiatingGateway => {
            "M25 13a12 12 0 1 1 0 24 12 12 0 1 1 0-24zM25 18l6.4 4.7-2.4 7.5h-8l-2.4-7.5z"
        }
        ShapeKind::ParallelEventBasedGateway => {
            "M25 13a12 12 0 1 1 0 24 12 12 0 1 1 0-24zM23.5 17.5h3v6h6v3h-6v6h-3v-6h-6v-3h6z"
        }
        ShapeKind::ComplexGateway => "M25 14v22M14 25h22M17.2 17.2l15.6 15.6M32.8 17.2L17.2 32.8",
        _ => "",
    }
}

/// At the top left of a task.
pub fn task(kind: ShapeKind) -> Option<Icon> {
    Some(match kind {
        ShapeKind::UserTask => Icon::User,
        ShapeKind::ManualTask => Icon::Hand,
        ShapeKind::ServiceTask => Icon::Settings,
        ShapeKind::SendTask => Icon::Send,
        ShapeKind::ReceiveTask => Icon::Mail,
        ShapeKind::ScriptTask => Icon::Script,
        ShapeKind::BusinessRuleTask => Icon::Table,
        _ => return None,
    })
}

/// The small signs at the bottom of an activity, each on a square of 14.
pub mod small {
    pub const LOOP: &str = "M4.5 12.2A5.2 5.2 0 1 1 8.6 12.4M4.5 12.2H1.8M4.5 12.2V9.4";
    pub const PARALLEL: &str = "M3 1.5v11M7 1.5v11M11 1.5v11";
    pub const SEQUENTIAL: &str = "M1.5 3h11M1.5 7h11M1.5 11h11";
    pub const COMPENSATION: &str = "M6.8 2.5v9L.8 7zM13 2.5v9L7 7z";
    pub const AD_HOC: &str = "M1 8.5C2.5 4 5 4.5 7 7s4.5 3 6-1.5";
    pub const COLLAPSED: &str = "M.5.5h13v13H.5zM7 3.5v7M3.5 7h7";
}
