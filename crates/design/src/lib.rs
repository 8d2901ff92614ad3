//! What the Designer makes: definitions of every kind, their drafts, their published versions, the solution bundle.
//!
//! A definition is `(kind, key, version)` with a [`Body`]. Somebody works on its *draft*, which may be incomplete; *publishing*
//! makes the draft the next version, which never changes again, and takes effect at once on every node. Running instances
//! stay on their version.
//!
//! | to… | call |
//! |---|---|
//! | show what there is | [`list()`], [`load`], [`versions`], [`version`] |
//! | work on a draft | [`create`], [`save`], [`discard`], [`copy`], [`import_process`], [`import_decision`] |
//! | make it take effect | [`publish()`] |
//! | see what differs | [`difference()`] |
//! | use what is published | [`Published`], a cache that needs no clearing |
//! | move a whole world | [`solution::export`], [`solution::import`] |
//!
//! **Invariants.** 1. A published version is never written again. 2. Versions of a definition are 1, 2, 3… 3. `revision`
//! grows with every change of the draft; who saves names the one that he read, and is refused when it has moved on.
//! 4. Only what has no problems is published, from the draft that was checked, in one transaction.
//!
//! **To add a kind**: a word in [`Kind`], a variant of [`Body`], its checks in `check.rs`, its files in `body/files.rs`.

mod body;
mod check;
mod copy;
mod difference;
mod draft;
mod import;
mod list;
mod publish;
mod published;
pub mod solution;
mod version;

pub use body::{Body, CalendarDefinition, DecisionDefinition, Kind, ProcessDefinition};
pub use check::{Surroundings, problems};
pub use copy::copy;
pub use difference::{Change, Line, Side, difference};
pub use draft::{Author, Loaded, Save, Saved, create, discard, load, save};
pub use import::{import_decision, import_process, read_process};
pub use list::{Ask, Summary, list};
pub use publish::{Done, publish};
pub use published::Published;
pub use version::{VersionLine, latest, version, versions};

/// The topic of [`store::Tx::signal`] that says "something was published"; the payload is `kind/key`.
pub const SIGNAL: &str = "design";

/// Every statement of this room, for the test that prepares them on both databases.
pub fn statements() -> Vec<store::Statement> {
    [
        draft::STATEMENTS,
        list::STATEMENTS,
        publish::STATEMENTS,
        solution::STATEMENTS,
        version::STATEMENTS,
    ]
    .concat()
}
