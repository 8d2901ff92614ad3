//! Who could look after a customer, or stand in for somebody: people and units by name, whatever else may be read of them.

use access::Verb;
use api::customers::{AskKeepers, Keeper};
use api::of;
use kernel::{Error, FieldProblem, Filter, Id};
use store::Reads;

use crate::http::Session;

/// Whoever is to look after a customer must be there.
pub(super) async fn known_keepers(
    reads: &mut impl Reads,
    owner: Option<Id<of::User>>,
    unit: Option<Id<of::Unit>>,
) -> Result<(), Error> {
    let mut problems = Vec::new();
    if let Some(id) = owner {
        let user = directory::users::find(reads, id.cast()).await?;
        if !user.is_some_and(|user| user.active) {
            problems.push(FieldProblem::new("owner", "unknown_user").with("key", id));
        }
    }
    if let Some(id) = unit
        && directory::units::find(reads, id.cast()).await?.is_none()
    {
        problems.push(FieldProblem::new("unit", "unknown_unit").with("name", id));
    }
    Error::try_from(problems).map_or(Ok(()), Err)
}

fn person(user: directory::users::User) -> Keeper {
    Keeper {
        id: user.id.to_string(),
        name: user.name,
        hint: user.login,
    }
}

fn part(unit: &directory::units::Unit) -> Keeper {
    Keeper {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        hint: String::new(),
    }
}

/// Of an entity of the directory all there are, with the fields that are shown of them here.
fn everybody(entity: &str) -> access::Mask {
    let role = access::Role {
        key: "keepers".to_owned(),
        grants: vec![access::Grant::allow(
            access::Target::entity(entity),
            &[Verb::Read],
        )],
    };
    access::Policy::compile(&[role], &access::Subject::default()).mask(entity, Verb::Read)
}

/// How many are offered: who does not see theirs types on.
const OFFERED: u32 = 50;

fn ask(q: &str) -> directory::list::Ask {
    let mut ask = directory::list::Ask::all(OFFERED);
    ask.search = Some(q.trim().to_owned()).filter(|q| !q.is_empty());
    ask
}

/// Active users whose name or login fits what was typed.
pub(super) async fn people(reads: &mut impl Reads, q: &str) -> Result<Vec<Keeper>, Error> {
    let mut ask = ask(q);
    ask.filter = Some(Filter::equal("active", kernel::Operand::Boolean(true)));
    let users = directory::users::list(reads, &everybody("user"), &ask).await?;
    Ok(users.items.into_iter().map(person).collect())
}

/// Active users whom the asker may see by name; their logins where those may be seen too.
pub(super) async fn colleagues(
    reads: &mut impl Reads,
    session: &Session,
    q: &str,
) -> Result<Vec<Keeper>, Error> {
    session.policy.require(Verb::Read, "user")?;
    let mask = session.policy.mask("user", Verb::Read);
    let users = directory::users::list(reads, &mask, &ask(q)).await?;
    let active = users.items.into_iter().filter(|user| user.active);
    let shown = active.map(|user| colleague(&mask, user));
    Ok(shown.filter(|one| !one.name.is_empty()).collect())
}

/// A user as somebody with this mask sees them: name and login are empty where they may not be seen.
pub(super) fn colleague(mask: &access::Mask, user: directory::users::User) -> Keeper {
    let [name, login] =
        ["name", "login"].map(|field| mask.shows(field, &|field: &str| user.get(field)));
    let known = person(user);
    Keeper {
        name: if name { known.name } else { String::new() },
        hint: if login { known.hint } else { String::new() },
        ..known
    }
}

/// To whom something of a customer could be given: oneself and one's own unit come first.
pub(super) async fn offered(
    reads: &mut impl Reads,
    session: &Session,
    asked: &AskKeepers,
) -> Result<Vec<Keeper>, Error> {
    let wanted = kernel::text::fold(&asked.q);
    let fits = |keeper: &Keeper| {
        kernel::text::fold(&format!("{} {}", keeper.name, keeper.hint)).contains(&wanted)
    };
    let mut offered = Vec::new();
    if asked.what == "owner" {
        offered.push(person(session.user.clone()));
        offered.extend(people(reads, &asked.q).await?);
    } else {
        if let Some(own) = session.user.unit
            && let Some(unit) = directory::units::find(reads, own).await?
        {
            offered.push(part(&unit));
        }
        let units = directory::units::list(reads, &everybody("unit"), &ask(&asked.q)).await?;
        offered.extend(units.items.iter().map(part));
    }
    let mut once = std::collections::BTreeSet::new();
    offered.retain(|keeper| fits(keeper) && once.insert(keeper.id.clone()));
    Ok(offered)
}

/// An owner and a unit by name.
pub(super) async fn named(
    reads: &mut impl Reads,
    owner: Option<Id<of::User>>,
    unit: Option<Id<of::Unit>>,
) -> Result<(Option<Keeper>, Option<Keeper>), Error> {
    let owner = match owner {
        Some(id) => directory::users::find(reads, id.cast()).await?,
        None => None,
    };
    let unit = match unit {
        Some(id) => directory::units::find(reads, id.cast()).await?,
        None => None,
    };
    Ok((owner.map(person), unit.as_ref().map(part)))
}
