use std::sync::Arc;

use api::Problem;
use axum::extract::{Request, rejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{Code, Error, FieldProblem, Language};

/// An error on its way out. It becomes a [`Problem`] in [`render`], which knows the asker's language.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Clone)]
struct Unrendered(Arc<Error>);

/// The error that an answer on its way out carries, before [`render`] has written it.
pub fn refused_with(response: &Response) -> Option<Arc<Error>> {
    let unrendered = response.extensions().get::<Unrendered>();
    unrendered.map(|Unrendered(error)| Arc::clone(error))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response
            .extensions_mut()
            .insert(Unrendered(Arc::new(self.0)));
        response
    }
}

macro_rules! rejections {
    ($($rejection:ty),* $(,)?) => {
        $(impl From<$rejection> for Failure {
            fn from(rejection: $rejection) -> Self {
                let status = rejection.status();
                let code = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMedia,
                    _ => Code::Malformed,
                };
                let mut error = Error::new(code);
                error = if code == Code::TooLarge { error.with("limit", "8 MiB") } else { error };
                Self(error.field(FieldProblem::new("request", "unreadable").with("why", rejection.body_text())))
            }
        })*
    };
}

rejections!(
    rejection::JsonRejection,
    rejection::PathRejection,
    rejection::QueryRejection,
    rejection::BytesRejection
);

/// Writes errors as [`Problem`]s: the one place where they are logged.
pub async fn render(request: Request, next: Next) -> Response {
    let language = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .map_or_else(Language::default, Language::negotiate);
    let id = request
        .headers()
        .get(api::header::REQUEST_ID)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let Some(Unrendered(error)) = response.extensions_mut().remove::<Unrendered>() else {
        return response;
    };
    let code = error.code();
    if code.status() >= 500 {
        tracing::error!(%path, request = %id, %error, "failed");
    } else {
        tracing::debug!(%path, request = %id, %error, "refused");
    }
    let problem = problem(&error, language, &id);
    let mut rendered = (response.status(), axum::Json(problem)).into_response();
    // What the handler set beside its error (a cleared cookie) stays.
    for (name, value) in response.headers() {
        if *name != header::CONTENT_LENGTH && *name != header::CONTENT_TYPE {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if code == Code::Throttled
        && let Some(seconds) = error
            .args()
            .get("seconds")
            .and_then(|s| HeaderValue::from_str(s).ok())
    {
        rendered.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    rendered
}

fn problem(error: &Error, language: Language, request: &str) -> Problem {
    let fields = error
        .fields()
        .iter()
        .map(|field| FieldProblem {
            sentence: locale::problem(language, field),
            ..field.clone()
        })
        .collect();
    // What a fault of ours looked like inside is for the log, not for the asker; the number leads there.
    let internal = error.code() == Code::Internal;
    let shown = if internal {
        Error::new(Code::Internal).with("request", request)
    } else {
        Error::new(error.code())
    };
    let shown = if internal {
        shown
    } else {
        error.args().iter().fold(shown, |e, (k, v)| e.with(k, v))
    };
    Problem {
        code: error.code(),
        status: error.code().status(),
        sentence: locale::error(language, &shown),
        args: shown.args().clone(),
        fields,
        request: request.to_owned(),
    }
}
