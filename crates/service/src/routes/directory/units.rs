use std::collections::HashMap;

use access::Verb;
use api::directory::Person;
use api::organisation::{
    NewPosition, NewUnit, PositionLine, ReportingLine, SavePosition, SaveUnit, UnitDependants,
    UnitLine,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::Sight;
use desk::list::ListQuery;
use directory::units::Heir;
use directory::{Ask, Position, Unit, positions, units, users};
use kernel::{Code, Error, FieldProblem, Filter, Id, Operand, Paged};
use serde::Deserialize;
use store::{Reach, Reads, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Look, Versioned, few};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_units, add_unit))
        .routes(routes!(save_unit, remove_unit))
        .routes(routes!(unit_dependants))
        .routes(routes!(list_positions, add_position))
        .routes(routes!(save_position, remove_position))
        .routes(routes!(reporting_lines))
}

fn unit_record(unit: &Unit) -> impl Fn(&str) -> Operand + '_ {
    |field: &str| match field {
        "id" => Operand::Text(unit.id.to_string()),
        "name" => Operand::Text(unit.name.clone()),
        "parent" => unit
            .parent
            .map_or(Operand::Null, |parent| Operand::Text(parent.to_string())),
        _ => Operand::Null,
    }
}

fn unit_line(unit: Unit, users: u32) -> UnitLine {
    UnitLine {
        id: unit.id.cast(),
        parent: unit.parent.map(Id::cast),
        name: unit.name,
        users,
        version: unit.version,
    }
}

async fn found_unit(
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::Unit>,
    verb: Verb,
) -> Result<Unit, Error> {
    let unit = units::find(reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("unit"))?;
    session
        .policy
        .require_on(Verb::Read, "unit", &unit_record(&unit))
        .map_err(|_| Error::not_found("unit"))?;
    session
        .policy
        .require_on(verb, "unit", &unit_record(&unit))?;
    Ok(unit)
}

/// Units by name; the tree follows from their parents.
#[utoipa::path(get, path = api::path::UNITS, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<UnitLine>), (status = "default", body = Problem)))]
async fn list_units(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<UnitLine>>> {
    session.policy.require(Verb::Read, "unit")?;
    let mask = session.policy.mask("unit", Verb::Read);
    let mut reads = app.db.read().await?;
    let found = units::list(&mut reads, &mask, &look.ask()).await?;
    let sizes: HashMap<_, _> = units::sizes(&mut reads).await?.into_iter().collect();
    Ok(Json(Paged {
        items: found
            .items
            .into_iter()
            .map(|unit| {
                let users = sizes.get(&unit.id).map_or(0, |count| few(*count));
                unit_line(unit, users)
            })
            .collect(),
        next: found.next,
        total: found.total,
    }))
}

/// Adds a unit.
#[utoipa::path(post, path = api::path::UNITS, tag = "directory", request_body = NewUnit, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = UnitLine), (status = "default", body = Problem)))]
async fn add_unit(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewUnit>,
) -> Answer<(StatusCode, Json<UnitLine>)> {
    session.policy.require(Verb::Create, "unit")?;
    let mut tx = app.db.write().await?;
    let unit = units::create(
        &mut tx,
        &app.ambient,
        &session.actor,
        &input.name,
        input.parent.map(Id::cast),
    )
    .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(unit_line(unit, 0))))
}

/// Renames a unit, or moves it with its branch.
#[utoipa::path(put, path = api::path::UNIT, tag = "directory", params(("id" = String, Path)), request_body = SaveUnit, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UnitLine), (status = "default", body = Problem)))]
async fn save_unit(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Unit>>,
    Input(input): Input<SaveUnit>,
) -> Answer<Json<UnitLine>> {
    let mut tx = app.db.write().await?;
    let unit = found_unit(&session, &mut tx, id, Verb::Change).await?;
    let parent = input.parent.map(Id::cast);
    let written = [
        (unit.name != input.name, "name"),
        (unit.parent != parent, "parent"),
    ];
    session.policy.mask("unit", Verb::Change).check_written(
        written.iter().filter(|(w, _)| *w).map(|(_, name)| *name),
        &unit_record(&unit),
    )?;
    let kept = units::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        unit.id,
        input.version,
        &input.name,
        parent,
    )
    .await?;
    let hanging = units::dependants(&mut tx, kept.id, 0).await?;
    tx.commit().await?;
    Ok(Json(unit_line(kept, few(hanging.users_total))))
}

/// What hangs on a unit.
#[utoipa::path(get, path = api::path::UNIT_DEPENDANTS, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UnitDependants), (status = "default", body = Problem)))]
async fn unit_dependants(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Unit>>,
) -> Answer<Json<UnitDependants>> {
    let mut reads = app.db.read().await?;
    let unit = found_unit(&session, &mut reads, id, Verb::Read).await?;
    let hanging = units::dependants(&mut reads, unit.id, 10).await?;
    let mut seen = Vec::new();
    for named in hanging.users {
        if let Some(user) = users::find(&mut reads, Id::new(named.id)).await?
            && session
                .policy
                .require_on(Verb::Read, "user", &|name: &str| user.get(name))
                .is_ok()
        {
            seen.push(Person {
                id: user.id.cast(),
                name: user.name,
            });
        }
    }
    drop(reads);
    Ok(Json(UnitDependants {
        units: hanging.units.into_iter().map(|unit| unit.name).collect(),
        users: seen,
        users_total: u64::try_from(hanging.users_total).unwrap_or(0),
        customers: customers_told(&app, &session, &unit).await?,
    }))
}

/// How many customers of a unit somebody is told of. Who may remove the unit is told of all, for it is not empty while there is
/// one; anybody else of those whom they see.
async fn customers_told(app: &App, session: &Session, unit: &Unit) -> Result<u64, Error> {
    if session
        .policy
        .require_on(Verb::Delete, "unit", &unit_record(unit))
        .is_ok()
    {
        // Behind the wall it would look empty.
        let mut reads = store::reaching(Reach::Everything, app.db.read()).await?;
        return desk::customer::of_unit(&mut reads, unit.id.cast()).await;
    }
    let sight = Sight::reading(&session.policy);
    if !sight.always("unit") {
        return Ok(0);
    }
    customers_seen(app, &mut app.db.read().await?, &sight, unit).await
}

/// Those of a unit's customers that a sight has, in the recycle bin too.
async fn customers_seen(
    app: &App,
    reads: &mut impl Reads,
    sight: &Sight,
    unit: &Unit,
) -> Result<u64, Error> {
    let portfolio = app.rooms.portfolio();
    let mut seen = 0;
    for deleted in [false, true] {
        let query = ListQuery {
            filter: Filter::equal("unit", Operand::Text(unit.id.to_string())),
            deleted,
            ..ListQuery::default()
        };
        seen += desk::list::count(reads, sight, &portfolio, &query).await?.0;
    }
    Ok(seen)
}

#[derive(Deserialize)]
struct Dissolve {
    version: i64,
    /// Where what hangs on it goes: a unit's id, or empty for the top. Absent: the unit must be empty.
    into: Option<String>,
}

/// Removes a unit. What hangs on it goes to another first, where one is named.
#[utoipa::path(delete, path = api::path::UNIT, tag = "directory", params(("id" = String, Path), ("version" = i64, Query), ("into" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn remove_unit(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Unit>>,
    Params(how): Params<Dissolve>,
) -> Answer<StatusCode> {
    // Customers whom the asker does not see must count: behind the wall the unit would look empty.
    let mut tx = store::reaching(Reach::Everything, app.db.write()).await?;
    let unit = found_unit(&session, &mut tx, id, Verb::Delete).await?;
    match how.into.as_deref() {
        None => {
            if desk::customer::of_unit(&mut tx, unit.id.cast()).await? > 0 {
                return Err(Error::new(Code::WrongState).with("state", "used").into());
            }
            units::remove(&mut tx, &app.ambient, &session.actor, unit.id, how.version).await?;
        }
        Some(into) => {
            session.policy.require(Verb::Change, "unit")?;
            let unknown = || Error::invalid("into", "unknown_reference");
            let heir = match into {
                "" => Heir::Top,
                id => {
                    let id = id.parse().map_err(|_| unknown())?;
                    let heir = found_unit(&session, &mut tx, id, Verb::Read).await;
                    Heir::Unit(heir.map_err(|_| unknown())?.id)
                }
            };
            may_hand_over(&app, &session, &mut tx, &unit).await?;
            let customers = match &heir {
                Heir::Unit(id) => Some(id.cast()),
                Heir::Top => None,
            };
            let of = (unit.id.cast(), customers);
            desk::customer::hand_over(&mut tx, &app.ambient, &session.actor, of).await?;
            units::dissolve(
                &mut tx,
                &app.ambient,
                &session.actor,
                unit.id,
                how.version,
                heir,
            )
            .await?;
        }
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose customers these are, and where somebody belongs, decides who sees what: all that hangs on the unit must be the
/// asker's to move.
async fn may_hand_over(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    unit: &Unit,
) -> Result<(), Error> {
    let policy = &session.policy;
    let refused = |entity: &str, code: &'static str| {
        Error::new(Code::Forbidden)
            .with("verb", Verb::Change)
            .with("entity", entity)
            .field(FieldProblem::new("into", code))
    };
    let hanging = units::dependants(tx, unit.id, i64::MAX).await?;
    let mask = policy.mask("unit", Verb::Change);
    let movable = |unit: &Unit| {
        let record = unit_record(unit);
        mask.rows().matches(&record) && mask.shows("parent", &record)
    };
    if !hanging.units.iter().all(movable) {
        return Err(refused("unit", "units_withheld"));
    }
    let mask = policy.mask("user", Verb::Change);
    for one in hanging.users {
        let Some(user) = users::find(tx, Id::new(one.id)).await? else {
            continue;
        };
        let record = |name: &str| user.get(name);
        if !(mask.rows().matches(&record) && mask.shows("unit", &record)) {
            return Err(refused("user", "people_withheld"));
        }
    }
    if !movable_customers(app, session, tx, unit).await? {
        return Err(refused("customer", "customers_withheld"));
    }
    Ok(())
}

/// Whether the asker may see all customers of a unit, those in the recycle bin too, and write to what unit they belong.
async fn movable_customers(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    unit: &Unit,
) -> Result<bool, Error> {
    let all = desk::customer::of_unit(tx, unit.id.cast()).await?;
    if all == 0 {
        return Ok(true);
    }
    let writing = Sight::of(&session.policy, Verb::Change);
    let sight = Sight::reading(&session.policy).and(writing);
    if !sight.always("unit") {
        return Ok(false);
    }
    if *sight.rows() == Filter::TRUE {
        return Ok(true);
    }
    Ok(customers_seen(app, tx, &sight, unit).await? == all)
}

fn position_record(position: &Position) -> impl Fn(&str) -> Operand + '_ {
    |field: &str| match field {
        "id" => Operand::Text(position.id.to_string()),
        "name" => Operand::Text(position.name.clone()),
        _ => Operand::Null,
    }
}

async fn found_position(
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::Position>,
    verb: Verb,
) -> Result<Position, Error> {
    let position = positions::find(reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("position"))?;
    session
        .policy
        .require_on(verb, "position", &position_record(&position))?;
    Ok(position)
}

fn position_line(position: Position, users: u32) -> PositionLine {
    PositionLine {
        id: position.id.cast(),
        name: position.name,
        users,
        version: position.version,
    }
}

/// Positions by name.
#[utoipa::path(get, path = api::path::POSITIONS, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<PositionLine>), (status = "default", body = Problem)))]
async fn list_positions(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<PositionLine>>> {
    session.policy.require(Verb::Read, "position")?;
    let mask = session.policy.mask("position", Verb::Read);
    let mut reads = app.db.read().await?;
    let found = positions::list(&mut reads, &mask, &look.ask()).await?;
    let sizes: HashMap<_, _> = positions::sizes(&mut reads).await?.into_iter().collect();
    Ok(Json(Paged {
        items: found
            .items
            .into_iter()
            .map(|position| {
                let users = sizes.get(&position.id).map_or(0, |count| few(*count));
                position_line(position, users)
            })
            .collect(),
        next: found.next,
        total: found.total,
    }))
}

/// Adds a position.
#[utoipa::path(post, path = api::path::POSITIONS, tag = "directory", request_body = NewPosition, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = PositionLine), (status = "default", body = Problem)))]
async fn add_position(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewPosition>,
) -> Answer<(StatusCode, Json<PositionLine>)> {
    session.policy.require(Verb::Create, "position")?;
    let mut tx = app.db.write().await?;
    let made = positions::create(&mut tx, &app.ambient, &session.actor, &input.name).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(position_line(made, 0))))
}

/// Renames a position.
#[utoipa::path(put, path = api::path::POSITION, tag = "directory", params(("id" = String, Path)), request_body = SavePosition, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = PositionLine), (status = "default", body = Problem)))]
async fn save_position(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Position>>,
    Input(input): Input<SavePosition>,
) -> Answer<Json<PositionLine>> {
    let mut tx = app.db.write().await?;
    let position = found_position(&session, &mut tx, id, Verb::Change).await?;
    let kept = positions::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        position.id,
        input.version,
        &input.name,
    )
    .await?;
    tx.commit().await?;
    let sizes = positions::sizes(&mut app.db.read().await?).await?;
    let users = sizes
        .iter()
        .find(|(id, _)| *id == kept.id)
        .map_or(0, |(_, count)| few(*count));
    Ok(Json(position_line(kept, users)))
}

/// Removes a position that nobody has.
#[utoipa::path(delete, path = api::path::POSITION, tag = "directory", params(("id" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn remove_position(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Position>>,
    Params(at): Params<Versioned>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let position = found_position(&session, &mut tx, id, Verb::Delete).await?;
    positions::remove(
        &mut tx,
        &app.ambient,
        &session.actor,
        position.id,
        at.version,
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Active users with those whom they report to, by name.
#[utoipa::path(get, path = api::path::REPORTING, tag = "directory", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<ReportingLine>), (status = "default", body = Problem)))]
async fn reporting_lines(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<ReportingLine>>> {
    session.policy.require(Verb::Read, "user")?;
    let mask = session.policy.mask("user", Verb::Read);
    let ask = Ask {
        filter: Some(Filter::equal("active", Operand::Boolean(true))),
        ..look.ask()
    };
    let mut reads = app.db.read().await?;
    let found = users::list(&mut reads, &mask, &ask).await?;
    let units: HashMap<_, _> = units::all(&mut reads)
        .await?
        .into_iter()
        .map(|unit| (unit.id, unit.name))
        .collect();
    let mut names = HashMap::new();
    for user in &found.items {
        if let Some(id) = user.position
            && !names.contains_key(&id)
            && let Some(position) = positions::find(&mut reads, id).await?
        {
            names.insert(id, position.name);
        }
    }
    let lines = found.items.into_iter().map(|user| {
        let shows = |field: &str| mask.shows(field, &|name: &str| user.get(name));
        ReportingLine {
            id: user.id.cast(),
            name: user.name.clone(),
            manager: user.manager.filter(|_| shows("manager")).map(Id::cast),
            position: user
                .position
                .filter(|_| shows("position"))
                .and_then(|id| names.get(&id).cloned()),
            unit: user
                .unit
                .filter(|_| shows("unit"))
                .and_then(|id| units.get(&id).cloned()),
            external: user.kind == directory::UserKind::External,
            version: user.version,
        }
    });
    Ok(Json(Paged {
        items: lines.collect(),
        next: found.next,
        total: found.total,
    }))
}
