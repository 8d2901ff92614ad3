//! Every route, and the order of what a request passes on its way.

mod approvals;
mod audit;
mod closing;
mod customer_export;
mod customers;
mod definitions;
mod directory;
mod engine;
mod events;
mod exceptions;
mod health;
mod imports;
mod keepers;
mod lens;
mod letters;
mod past;
mod provider;
mod reach;
mod second_factor;
mod service_levels;
mod session;
mod work;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use kernel::{Code, Error};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::http::{Failure, guard, hear_out, once, only_reading, render, security_headers, wall};
pub use reach::Whose;

use crate::{App, statics};

/// Everything but uploads.
const BODY_LIMIT: usize = 8 << 20;
// The page promises the BPMN reader's limit before a file is sent.
const _: () = assert!(flow::xml::MAX_BYTES == BODY_LIMIT);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Engage",
        description = "The HTTP API of Engage. Conventions: see the page docs/api.md."
    ),
    components(schemas(api::Problem))
)]
struct Document;

fn parts() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(session::routes())
        .merge(provider::routes())
        .merge(second_factor::routes())
        .merge(directory::routes())
        .merge(definitions::routes())
        .merge(customers::routes())
        .merge(customer_export::routes())
        .merge(approvals::routes())
        .merge(audit::routes())
        .merge(lens::routes())
        .merge(imports::routes())
        .merge(work::routes())
        .merge(closing::routes())
        .merge(exceptions::routes())
        .merge(engine::routes())
        .merge(letters::routes())
        .merge(service_levels::routes())
        .merge(events::routes())
        .merge(health::routes())
}

/// The OpenAPI document of everything that is served.
pub fn open_api() -> utoipa::openapi::OpenApi {
    let mut document = parts().into_openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    problems_by_their_type(&mut document);
    let components = document.components.get_or_insert_with(Default::default);
    components.security_schemes.insert(
        "bearer".into(),
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()).into(),
    );
    components.security_schemes.insert(
        "cookie".into(),
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("engage_session"))).into(),
    );
    document
}

/// Errors go out as `application/problem+json` (RFC 9457 §3): the document says so, once for all routes.
fn problems_by_their_type(document: &mut utoipa::openapi::OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(|path| {
        [
            &mut path.get,
            &mut path.put,
            &mut path.post,
            &mut path.patch,
            &mut path.delete,
        ]
    });
    for operation in operations.flatten() {
        if let Some(RefOr::T(problem)) = operation.responses.responses.get_mut("default")
            && let Some(content) = problem.content.shift_remove("application/json")
        {
            problem
                .content
                .insert("application/problem+json".to_owned(), content);
        }
    }
}

pub fn router(app: App) -> Router {
    let (routes, _) = parts().split_for_parts();
    let document = serde_json::to_string(&open_api()).unwrap_or_default();
    let routes = routes
        .route(
            api::path::OPENAPI,
            get(move || async move {
                (
                    [(
                        header::CONTENT_TYPE,
                        HeaderValue::from_static("application/json"),
                    )],
                    document,
                )
            }),
        )
        .method_not_allowed_fallback(|| async { Failure(Error::new(Code::MethodNotAllowed)) })
        .fallback(statics::serve);
    // The last layer is the first that a request meets.
    let compressed = SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES);
    routes
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), wall))
        .layer(middleware::from_fn_with_state(app.clone(), once))
        .layer(middleware::from_fn(only_reading))
        .layer(CatchPanicLayer::custom(|_| {
            Failure(Error::internal("a handler panicked")).into_response()
        }))
        .layer(middleware::from_fn(render))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            security_headers,
        ))
        .layer(middleware::from_fn_with_state(app.clone(), hear_out))
        .layer(CompressionLayer::new().compress_when(compressed))
        .with_state(app)
}
