use access::Verb;
use api::Problem;
use api::organisation::{FieldChange, ImportRow, OrganisationFile, OrganisationImport, RowProblem};
use axum::Json;
use axum::extract::State;
use directory::bring::{self, Action, Brought, Kind};
use kernel::{Error, FieldProblem, Language};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, Input, Session, Tongue};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(preview))
        .routes(routes!(import))
}

/// Rows that are told one by one.
const TOLD: usize = 200;

/// Whoever may write none of what files hold is told so before the file is looked at.
fn permitted(session: &Session) -> Result<(), Error> {
    let any = ["user", "unit", "position"].into_iter().any(|entity| {
        session.policy.require(Verb::Create, entity).is_ok()
            || session.policy.require(Verb::Change, entity).is_ok()
    });
    if any {
        Ok(())
    } else {
        session.policy.require(Verb::Create, "user")
    }
}

fn told(brought: Brought, language: Language, done: bool) -> OrganisationImport {
    let words = [
        locale::text(language, "settings-reject-row"),
        locale::text(language, "settings-reject-column"),
        locale::text(language, "settings-reject-reason"),
    ];
    let say = |problem: &FieldProblem| locale::problem(language, problem);
    let rejects = brought.rejects((&words[0], &words[1], &words[2]), &say);
    OrganisationImport {
        kind: brought.kind.text().to_owned(),
        created: brought.count(Action::Create),
        changed: brought.count(Action::Change),
        unchanged: brought.count(Action::Same),
        problems: brought
            .wrong
            .iter()
            .map(|wrong| RowProblem {
                row: wrong.row,
                column: wrong.column.clone(),
                value: wrong.value.clone(),
                problem: FieldProblem {
                    sentence: say(&wrong.problem),
                    ..wrong.problem.clone()
                },
            })
            .collect(),
        rows: brought
            .rows
            .into_iter()
            .take(TOLD)
            .map(|row| ImportRow {
                row: row.row,
                name: row.name,
                action: row.action.text().to_owned(),
                changes: row
                    .changes
                    .into_iter()
                    .map(|(field, before, after)| FieldChange {
                        field: field.to_owned(),
                        before,
                        after,
                    })
                    .collect(),
            })
            .collect(),
        rejects,
        done,
    }
}

/// What a file would do. Nothing is kept.
#[utoipa::path(post, path = api::path::ORGANISATION_PREVIEW, tag = "directory", request_body = OrganisationFile, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = OrganisationImport), (status = "default", body = Problem)))]
async fn preview(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Input(file): Input<OrganisationFile>,
) -> Answer<Json<OrganisationImport>> {
    permitted(&session)?;
    // Dropped without a commit: the very same work, and none of it stays.
    let mut tx = app.db.write().await?;
    let brought = bring::bring(
        &mut tx,
        &app.ambient,
        &session.actor,
        &session.policy,
        &file.text,
    )
    .await?;
    Ok(Json(told(brought, language, false)))
}

/// Carries out a file: all of it, or nothing where a row has a problem.
#[utoipa::path(post, path = api::path::ORGANISATION_IMPORT, tag = "directory", request_body = OrganisationFile, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = OrganisationImport), (status = "default", body = Problem)))]
async fn import(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Input(file): Input<OrganisationFile>,
) -> Answer<Json<OrganisationImport>> {
    permitted(&session)?;
    let mut tx = app.db.write().await?;
    let brought = bring::bring(
        &mut tx,
        &app.ambient,
        &session.actor,
        &session.policy,
        &file.text,
    )
    .await?;
    let done = brought.wrong.is_empty();
    if done {
        tx.commit().await?;
        if brought.kind == Kind::Users {
            app.rooms.refresh(&app.db).await?;
        }
    }
    Ok(Json(told(brought, language, done)))
}
