//! Lists of what is here: filtered, sorted, in parts, and only what the asker may see.

use access::Mask;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use kernel::{Error, Filter, Page, Paged, Result, Sort, SortDirection, text};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use store::filter::Column;
use store::{Built, Kind, Reads};
use uuid::Uuid;

/// What a list of users can be narrowed by beside its fields: what they hold and where they belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Having {
    /// By oneself or through a group.
    Role(crate::RoleId),
    Group(crate::GroupId),
    /// The unit itself and all below it.
    UnitAndBelow(crate::UnitId),
    /// Whose identity comes from there; a password of ours: who is known nowhere else.
    From(crate::Source),
}

/// What part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    #[serde(flatten)]
    pub page: Page,
    pub filter: Option<Filter>,
    /// By name, ascending, when absent.
    pub sort: Option<Sort>,
    /// Part of the name, accents and case ignored.
    pub search: Option<String>,
    /// All of them; only users have any.
    pub having: Vec<Having>,
}

impl Ask {
    /// Everything, from the beginning.
    pub fn all(limit: u32) -> Self {
        Self {
            page: Page {
                limit: Some(limit),
                cursor: None,
            },
            ..Self::default()
        }
    }
}

/// A row that is listed.
pub(crate) trait Listed:
    Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
    /// Ends in a condition, so that others can be added with AND.
    const SELECT: &'static str;
    /// The fields that can be filtered by.
    fn column(field: &str) -> Option<Column>;
    /// The column of a field that can be sorted by: text, never null.
    fn sorted(field: &str) -> Option<&'static str>;
    /// The value of such a field, and the identity.
    fn place(&self, field: &str) -> (String, Uuid);
    /// Where the search looks: a field that the asker must see on every row, and a condition that ends before the pattern.
    const SEARCH: &'static [(&'static str, &'static str)] = &[("name", "name_folded LIKE ")];
    /// Appends a condition after AND; false where there is no such thing.
    fn having(_built: &mut Built, _having: Having) -> bool {
        false
    }
}

/// Orders by nothing: what follows it decides.
const NOTHING: &str = "substr(name_folded, 1, 0)";

pub(crate) async fn list<R: Listed>(
    reads: &mut impl Reads,
    mask: &Mask,
    ask: &Ask,
) -> Result<Paged<R>> {
    let nothing = Paged {
        items: Vec::new(),
        next: None,
        total: None,
    };
    if mask.is_empty() {
        return Ok(nothing);
    }
    mask.check_filter(ask.filter.as_ref(), ask.sort.as_slice())?;
    let sort = ask.sort.clone().unwrap_or(Sort {
        field: "name".to_owned(),
        direction: SortDirection::Ascending,
    });
    // Whoever may not see every name learns none from the order, nor from where a part ends.
    let nameless = ask.sort.is_none() && *mask.visibility("name") != access::Visibility::Always;
    let by = if nameless {
        NOTHING
    } else {
        R::sorted(&sort.field).ok_or_else(|| Error::invalid(&*sort.field, "unknown_field"))?
    };
    let kind = reads.kind();
    // By code point on both.
    let collate = if kind == Kind::Postgres {
        " COLLATE \"C\""
    } else {
        ""
    };
    let mut built = Built::new(kind, R::SELECT);
    for filter in [Some(mask.rows()), ask.filter.as_ref()]
        .into_iter()
        .flatten()
    {
        built.push(" AND ");
        store::filter::push(&mut built, filter, &R::column)?;
    }
    if let Some(search) = ask
        .search
        .as_deref()
        .map(text::fold)
        .filter(|s| !s.is_empty())
    {
        mask.check_filter(Some(&Filter::equal("name", kernel::Operand::Null)), &[])?;
        let seen = R::SEARCH
            .iter()
            .filter(|(field, _)| mask.field(field) == access::Visibility::Always);
        built.push(" AND (");
        for (at, (_, place)) in seen.enumerate() {
            if at > 0 {
                built.push(" OR ");
            }
            built.push(place).bind(format!("%{search}%"));
        }
        built.push(")");
    }
    for having in &ask.having {
        built.push(" AND ");
        if !R::having(&mut built, *having) {
            return Err(Error::invalid("having", "unknown_field"));
        }
    }
    let ascending = sort.direction == SortDirection::Ascending;
    if let Some(cursor) = &ask.page.cursor {
        let (value, id) = read_cursor(cursor)?;
        built
            .push(" AND (")
            .push(by)
            .push(collate)
            .push(", id) ")
            .push(if ascending { "> (" } else { "< (" });
        built.bind(value).push(", ").bind(id).push(")");
    }
    let direction = if ascending { "" } else { " DESC" };
    built
        .push(" ORDER BY ")
        .push(by)
        .push(collate)
        .push(direction)
        .push(", id")
        .push(direction);
    built.push(" LIMIT ").bind(i64::from(ask.page.limit()) + 1);
    let mut items: Vec<R> = built.fetch_all(reads).await?;
    let limit = ask.page.limit() as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| {
        let (value, id) = last.place(&sort.field);
        let value = if nameless { String::new() } else { value };
        BASE64.encode(format!("{}{value}", id.simple()))
    });
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

fn read_cursor(cursor: &str) -> Result<(String, Uuid)> {
    let read = || {
        let text = String::from_utf8(BASE64.decode(cursor).ok()?).ok()?;
        let (id, value) = text.split_at_checked(32)?;
        Some((value.to_owned(), Uuid::parse_str(id).ok()?))
    };
    read().ok_or_else(|| Error::invalid("cursor", "cursor"))
}
