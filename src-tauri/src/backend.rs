//! What answers the requests: the service in this process, or one far away.

use std::{convert::Infallible, error::Error, pin::pin};

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use http::{Request, Response};
use http_body_util::{BodyExt, BodyStream, Full, StreamBody, combinators::UnsyncBoxBody};
use tower::{Service, ServiceExt, util::BoxCloneSyncService};
use url::Url;

pub type Failure = Box<dyn Error + Send + Sync>;
pub type Body = UnsyncBoxBody<Bytes, Failure>;

/// Answers requests of the HTTP API, wherever it is. Cheap to clone.
#[derive(Clone)]
pub enum Backend {
    /// The service's router in this process: no port is opened.
    Embedded(BoxCloneSyncService<Request<Full<Bytes>>, Response<Body>, Infallible>),
    Remote {
        client: reqwest::Client,
        base: Url,
    },
}

impl Backend {
    pub fn embedded<S, B>(router: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Failure>,
    {
        Self::Embedded(BoxCloneSyncService::new(router.map_response(|response| {
            response.map(|body| body.map_err(Into::into).boxed_unsync())
        })))
    }

    pub fn remote(base: Url) -> Result<Self, Failure> {
        // Already installed by somebody else is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .user_agent(concat!("engage-desktop/", env!("CARGO_PKG_VERSION")))
            // The API never redirects; whoever does would be given the token.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(std::time::Duration::from_secs(10))
            .build()?;
        Ok(Self::Remote { client, base })
    }

    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded(_))
    }

    /// The request's address holds path and query only.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, Failure> {
        match self {
            Self::Embedded(router) => {
                let answer = router.clone().oneshot(request.map(Full::new)).await;
                match answer {
                    Ok(response) => Ok(response),
                }
            }
            Self::Remote { client, base } => {
                let (parts, body) = request.into_parts();
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                let answer = client
                    .request(parts.method, base.join(path)?)
                    .headers(parts.headers)
                    .body(body)
                    .send()
                    .await?;
                let mut response = Response::builder().status(answer.status());
                if let Some(headers) = response.headers_mut() {
                    headers.clone_from(answer.headers());
                }
                let body = answer
                    .bytes_stream()
                    .map_ok(http_body::Frame::data)
                    .map_err(Into::into);
                Ok(response.body(StreamBody::new(body).boxed_unsync())?)
            }
        }
    }
}

/// The body's bytes as they come.
pub fn chunks(body: Body) -> impl Stream<Item = Result<Bytes, Failure>> + Send {
    BodyStream::new(body).filter_map(|frame| async {
        match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(error) => Some(Err(error)),
        }
    })
}

/// The whole body, unless it is longer than `limit` bytes.
pub async fn collect(body: Body, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut chunks = pin!(chunks(body));
    let mut all = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if all.len() + chunk.len() > limit {
            return Err(format!("the answer is larger than {limit} bytes").into());
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}
