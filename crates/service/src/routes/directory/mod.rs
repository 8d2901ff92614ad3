//! Who there is and who may do what: the routes behind the Settings window, a file a subject.

mod effect;
mod groups;
mod import;
mod roles;
mod sessions;
mod units;
pub(super) mod users;

use directory::{Ask, GroupId, RoleId};
use kernel::{Error, FieldProblem, Page, Sort, SortDirection};
use serde::Deserialize;
use store::Reads;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(users::routes())
        .merge(groups::routes())
        .merge(roles::routes())
        .merge(effect::routes())
        .merge(units::routes())
        .merge(import::routes())
        .merge(sessions::routes())
}

/// The query of a list: what is searched for, and which part of it.
#[derive(Deserialize)]
struct Look {
    #[serde(default)]
    q: Option<String>,
    /// `-` before it: descending.
    #[serde(default)]
    sort: Option<String>,
    // Not flattened: the query's numbers would then be taken for text.
    limit: Option<u32>,
    cursor: Option<String>,
}

impl Look {
    fn ask(self) -> Ask {
        Ask {
            page: Page {
                limit: self.limit,
                cursor: self.cursor,
            },
            sort: self.sort.as_deref().map(sorted),
            search: self.q.filter(|q| !q.trim().is_empty()),
            ..Ask::default()
        }
    }
}

fn sorted(by: &str) -> Sort {
    match by.strip_prefix('-') {
        Some(field) => Sort {
            field: field.to_owned(),
            direction: SortDirection::Descending,
        },
        None => Sort {
            field: by.to_owned(),
            direction: SortDirection::Ascending,
        },
    }
}

/// The version that a removal means.
#[derive(Deserialize)]
struct Versioned {
    version: i64,
}

/// For counts on the wire.
fn few(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

async fn group_ids(reads: &mut impl Reads, keys: &[String]) -> Result<Vec<GroupId>, Error> {
    let mut ids = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        match directory::groups::find_by_key(reads, key).await? {
            Some(group) => ids.push(group.id),
            None => {
                return Err(FieldProblem::new(format!("groups[{at}]"), "unknown_group")
                    .with("key", key)
                    .into());
            }
        }
    }
    Ok(ids)
}

async fn role_ids(reads: &mut impl Reads, keys: &[String]) -> Result<Vec<RoleId>, Error> {
    let mut ids = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        match directory::roles::find_by_key(reads, key).await? {
            Some(role) => ids.push(role.id),
            None => {
                return Err(FieldProblem::new(format!("roles[{at}]"), "unknown_role")
                    .with("key", key)
                    .into());
            }
        }
    }
    Ok(ids)
}
