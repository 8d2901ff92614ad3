//! What the page may ask of the shell. Each command is granted window by window in `src-tauri/capabilities`.

use std::{borrow::Cow, collections::BTreeMap, fs, io::Write, path::PathBuf, sync::Arc};

use api::Problem;
use bytes::Bytes;
use futures::StreamExt;
use kernel::{Code, Language};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::{
    AppHandle, State, Webview,
    ipc::{Channel, InvokeBody, Request},
};
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_notification::NotificationExt;
use tauri_plugin_opener::OpenerExt;
use url::Url;

use crate::{
    backend,
    door::{self, Answer, Call, Content, Refusal},
    events::Message,
    language,
    listeners::Listeners,
    provider,
    session::Kept,
    shell::{Shell, Why},
    windows::{self, Kind},
};

type Shared<'a> = State<'a, Arc<Shell>>;

/// Why the shell itself refused; what the *service* says is an [`Answer`].
#[derive(Debug, Serialize)]
pub struct Refused {
    code: Code,
    detail: String,
}

impl Refused {
    fn malformed(detail: impl ToString) -> Self {
        Self {
            code: Code::Malformed,
            detail: detail.to_string(),
        }
    }

    fn internal(detail: impl ToString) -> Self {
        Self {
            code: Code::Internal,
            detail: detail.to_string(),
        }
    }
}

/// The header that describes the call when its body comes as raw bytes: a large file need not become text first.
const DESCRIPTION: &str = "engage-request";

/// One request to the HTTP API.
#[tauri::command]
pub async fn call(shell: Shared<'_>, request: Request<'_>) -> Result<Answer, Refused> {
    let asked = described(&request)?;
    let backend = match shell.backend().await {
        Ok(backend) => backend,
        Err(reason) => return Ok(unavailable(&asked, NOT_STARTED, reason)),
    };
    match door::call(backend, shell.session().await, &asked).await {
        Ok(answer) => Ok(answer),
        Err(Refusal::NotAllowed(why)) => Err(Refused::malformed(why)),
        Err(Refusal::Unreachable(why)) => Ok(unavailable(&asked, UNREACHABLE, &why.to_string())),
    }
}

/// Signs in through the identity provider, with the person's own browser. The answer is the service's, without the token.
#[tauri::command]
pub async fn sign_in_elsewhere(app: AppHandle, shell: Shared<'_>) -> Result<Answer, Refused> {
    let asked = Call::default();
    let backend = match shell.backend().await {
        Ok(backend) => backend,
        Err(reason) => return Ok(unavailable(&asked, NOT_STARTED, reason)),
    };
    let show = |address: Url| {
        app.opener()
            .open_url(address, None::<&str>)
            .map_err(|why| why.to_string())
    };
    match provider::sign_in(backend, shell.session().await, language(), show).await {
        Ok(answer) => Ok(answer),
        Err(Refusal::NotAllowed(why)) => Err(Refused::malformed(why)),
        Err(Refusal::Unreachable(why)) => Ok(unavailable(&asked, UNREACHABLE, &why.to_string())),
    }
}

fn described(request: &Request<'_>) -> Result<Call, Refused> {
    #[derive(Deserialize)]
    struct Arguments {
        request: Call,
    }
    match request.body() {
        InvokeBody::Json(arguments) => Arguments::deserialize(arguments)
            .map(|arguments| arguments.request)
            .map_err(Refused::malformed),
        InvokeBody::Raw(bytes) => {
            let description = request
                .headers()
                .get(DESCRIPTION)
                .and_then(|value| value.to_str().ok())
                .ok_or_else(|| Refused::malformed("no engage-request header"))?;
            let description = decoded(description);
            let mut call: Call = serde_json::from_str(&description).map_err(Refused::malformed)?;
            call.body = Content::Raw(Bytes::copy_from_slice(bytes));
            Ok(call)
        }
    }
}

/// `encodeURIComponent`, undone.
fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

/// Sentences of the catalogue `shell`.
const NOT_STARTED: &str = "shell-not-started";
const UNREACHABLE: &str = "shell-unreachable";

/// The same form in which the service says it, so that the page has one way to show it.
fn unavailable(call: &Call, key: &str, reason: &impl Why) -> Answer {
    tracing::warn!(
        reason = reason.told(Language::En),
        "the service does not answer"
    );
    let language = call
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("accept-language"))
        .map_or_else(language, |(_, value)| Language::negotiate(value));
    let code = Code::Unavailable;
    let problem = Problem {
        code,
        status: code.status(),
        sentence: locale::text_with(language, key, &[("why", reason.told(language).into())]),
        args: BTreeMap::new(),
        fields: Vec::new(),
        request: String::new(),
    };
    Answer {
        status: code.status(),
        headers: Vec::new(),
        body: serde_json::to_value(problem).map_or(Content::Empty, |value| Content::Json { value }),
    }
}

/// Live events for this page, until it is closed or asks again.
#[tauri::command]
pub async fn listen(
    webview: Webview,
    listeners: State<'_, Listeners>,
    events: Channel<Message>,
) -> Result<(), Refused> {
    listeners.add(webview.label(), events);
    Ok(())
}

#[tauri::command]
pub async fn open_window(app: AppHandle, kind: Kind) -> Result<(), Refused> {
    windows::open(&app, kind).map_err(Refused::internal)
}

/// What the page needs to know of the session: whether there is one, and whether it outlives the application.
#[derive(Debug, Serialize)]
pub struct SessionState {
    signed_in: bool,
    kept: Kept,
    embedded: bool,
}

#[tauri::command]
pub async fn session_state(shell: Shared<'_>) -> Result<SessionState, Refused> {
    let embedded = shell
        .backend()
        .await
        .as_ref()
        .is_ok_and(backend::Backend::is_embedded);
    let session = shell.session().await;
    Ok(SessionState {
        signed_in: session.token().is_some(),
        kept: session.kept(),
        embedded,
    })
}

/// What became of a file that was to be saved.
#[derive(Debug, Serialize)]
pub struct Saved {
    /// `false`: the person changed their mind, or the service refused; then `body` says why.
    saved: bool,
    status: u16,
    body: Content,
}

/// Asks where to, makes the call, and writes what comes into that file: of any size, and never half.
#[tauri::command]
pub async fn save(
    app: AppHandle,
    shell: Shared<'_>,
    request: Call,
    name: String,
) -> Result<Saved, Refused> {
    let backend = match shell.backend().await {
        Ok(backend) => backend,
        Err(reason) => return Ok(not_saved(unavailable(&request, NOT_STARTED, reason))),
    };
    let Some(path) = chosen(&app, name).await? else {
        return Ok(Saved {
            saved: false,
            status: 0,
            body: Content::Empty,
        });
    };
    let session = shell.session().await;
    let (opened, body) = match door::open(backend, session, &request).await {
        Ok(opened) => opened,
        Err(Refusal::NotAllowed(why)) => return Err(Refused::malformed(why)),
        Err(Refusal::Unreachable(why)) => {
            return Ok(not_saved(unavailable(
                &request,
                UNREACHABLE,
                &why.to_string(),
            )));
        }
    };
    if !opened.status.is_success() {
        let bytes = backend::collect(body, 1 << 20).await.unwrap_or_default();
        let value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        return Ok(Saved {
            saved: false,
            status: opened.status.as_u16(),
            body: Content::Json { value },
        });
    }
    write_whole(&path, body).await.map_err(Refused::internal)?;
    Ok(Saved {
        saved: true,
        status: opened.status.as_u16(),
        body: Content::Empty,
    })
}

fn not_saved(answer: Answer) -> Saved {
    Saved {
        saved: false,
        status: answer.status,
        body: answer.body,
    }
}

async fn chosen(app: &AppHandle, name: String) -> Result<Option<PathBuf>, Refused> {
    // The page suggests a name, not a place.
    let name: String = name
        .chars()
        .filter(|letter| !matches!(letter, '/' | '\\' | ':') && !letter.is_control())
        .collect();
    let dialog = app.dialog().file().set_file_name(name);
    let answer = tokio::task::spawn_blocking(move || dialog.blocking_save_file())
        .await
        .map_err(Refused::internal)?;
    answer
        .map(|path| path.into_path().map_err(Refused::internal))
        .transpose()
}

async fn write_whole(path: &PathBuf, body: backend::Body) -> Result<(), backend::Failure> {
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = async {
        let mut file = fs::File::create(&part)?;
        let mut chunks = std::pin::pin!(backend::chunks(body));
        while let Some(chunk) = chunks.next().await {
            file.write_all(&chunk?)?;
        }
        file.sync_all()?;
        fs::rename(&part, path)?;
        Ok(())
    };
    let result = written.await;
    if result.is_err() {
        drop(fs::remove_file(&part));
    }
    result
}

#[tauri::command]
pub async fn notify(app: AppHandle, title: String, body: String) -> Result<(), Refused> {
    app.notification()
        .builder()
        .title(title)
        .body(body)
        .show()
        .map_err(Refused::internal)
}

/// Opens what belongs to another program: a web page, a mail to write, a number to call.
#[tauri::command]
pub async fn open_link(app: AppHandle, url: String) -> Result<(), Refused> {
    let url = Url::parse(&url).map_err(Refused::malformed)?;
    if !matches!(url.scheme(), "https" | "mailto" | "tel") {
        return Err(Refused::malformed("only https, mailto and tel"));
    }
    app.opener()
        .open_url(url, None::<&str>)
        .map_err(Refused::internal)
}
