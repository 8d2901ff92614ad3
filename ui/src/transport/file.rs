//! Files in and out: lists to import, reports to keep.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use super::{Answer, AnswerBody, Body, Lost, Request, desktop, headers, is_desktop, problem, web};
use crate::{
    format::js_text,
    problem::{Problem, ProblemKind},
    t,
};

/// Sends a file as the body of a POST. `progress` gets 0 to 1 as it goes out, where the way there tells (HTTP); over the
/// shell it goes in one piece.
pub async fn upload<T: DeserializeOwned>(
    path: &str,
    query: &[(&str, String)],
    content_type: &'static str,
    file: &web_sys::File,
    progress: impl Fn(f64) + 'static,
) -> Result<T, Problem> {
    let mut request = Request {
        method: "POST",
        path: path.to_owned(),
        query: query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        headers: headers("POST", path),
        body: Body::Empty,
    };
    request
        .headers
        .push(("content-type".to_owned(), content_type.to_owned()));
    let answer = if is_desktop() {
        over_shell(&request, file).await
    } else {
        over_http(&request, file, progress).await
    };
    let answer = answer.map_err(|lost| problem::offline(&lost.0))?;
    if !(200..300).contains(&answer.status) {
        return Err(problem::read(&answer));
    }
    let value = match answer.body {
        AnswerBody::Json(value) => value,
        AnswerBody::Text(text) => Value::String(text),
        AnswerBody::Empty => Value::Null,
    };
    serde_json::from_value(value).map_err(|wrong| problem::unreadable(path, &wrong.to_string()))
}

async fn over_shell(request: &Request, file: &web_sys::File) -> Result<Answer, Lost> {
    let lost = |wrong: JsValue| Lost(js_text(&wrong));
    let bytes = JsFuture::from(file.array_buffer()).await.map_err(lost)?;
    let bytes = js_sys::Uint8Array::new(&bytes);
    let head = json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
    });
    let mut encoded = String::new();
    api::path::encode(&head.to_string(), &mut encoded);
    let answer = desktop::invoke_bytes("call", &bytes, ("engage-request", &encoded))
        .await
        .map_err(lost)?;
    desktop::read(&answer).ok_or_else(|| Lost("the shell's answer cannot be read".to_owned()))
}

// XMLHttpRequest, because fetch does not tell how far an upload has come.
async fn over_http(
    request: &Request,
    file: &web_sys::File,
    progress: impl Fn(f64) + 'static,
) -> Result<Answer, Lost> {
    let lost = |wrong: JsValue| Lost(js_text(&wrong));
    let sending = web_sys::XmlHttpRequest::new().map_err(lost)?;
    let address = web::address(&request.path, &request.query);
    sending
        .open_with_async(request.method, &address, true)
        .map_err(lost)?;
    for (name, value) in &request.headers {
        sending.set_request_header(name, value).map_err(lost)?;
    }
    sending
        .set_request_header(api::header::CLIENT, "web")
        .map_err(lost)?;
    let told =
        Closure::<dyn FnMut(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
            if event.length_computable() && event.total() > 0.0 {
                progress(event.loaded() / event.total());
            }
        });
    if let Ok(upload) = sending.upload() {
        upload.set_onprogress(Some(told.as_ref().unchecked_ref()));
    }
    let (sender, receiver) = futures::channel::oneshot::channel();
    let done = Closure::once(move || {
        let _ = sender.send(());
    });
    sending.set_onloadend(Some(done.as_ref().unchecked_ref()));
    sending.send_with_opt_blob(Some(file)).map_err(lost)?;
    let _ = receiver.await;
    sending.set_onloadend(None);
    drop(told);
    let status = sending.status().unwrap_or(0);
    if status == 0 {
        return Err(Lost("the upload was cut off".to_owned()));
    }
    let text = sending.response_text().ok().flatten().unwrap_or_default();
    let body = serde_json::from_str(&text).map_or(AnswerBody::Text(text), AnswerBody::Json);
    Ok(Answer { status, body })
}

/// Lets the person keep a text that is on the page as a file. The window has no way to write one that the service did not
/// send: there the text goes to the clipboard, and the answer is `false`.
pub async fn save_text(text: &str, name: &str) -> bool {
    if is_desktop() {
        let promise = window().navigator().clipboard().write_text(text);
        let _ = JsFuture::from(promise).await;
        return false;
    }
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let address = web_sys::Blob::new_with_str_sequence(&parts)
        .and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob));
    if let Ok(address) = address {
        keep(&address, name);
        let _ = web_sys::Url::revoke_object_url(&address);
    }
    true
}

/// Lets the person keep the answer of a GET as a file. `false`: they thought better of it.
pub async fn save(path: &str, name: &str) -> Result<bool, Problem> {
    if is_desktop() {
        let request = Request {
            method: "GET",
            path: path.to_owned(),
            query: Vec::new(),
            headers: headers("GET", path),
            body: Body::Empty,
        };
        return over_dialog(&request, name).await;
    }
    // The browser downloads by itself, with the session's cookie.
    keep(path, name);
    Ok(true)
}

/// The same with the answer of a POST, for what is asked must not stand in an address. A file that breaks off on its way is not
/// kept.
pub async fn save_asked(path: &str, body: Value, name: &str) -> Result<bool, Problem> {
    let request = Request {
        method: "POST",
        path: path.to_owned(),
        query: Vec::new(),
        headers: headers("POST", path),
        body: Body::Json(body),
    };
    if is_desktop() {
        return over_dialog(&request, name).await;
    }
    let broken = |_: JsValue| Problem::new(ProblemKind::Failed, "broken_off", t!("export-broken"));
    let response = web::fetch(&request)
        .await
        .map_err(|lost| problem::offline(&lost.0))?;
    if !response.ok() {
        let answer = web::read(response).await;
        return Err(answer.map_or_else(
            |lost| problem::offline(&lost.0),
            |answer| problem::read(&answer),
        ));
    }
    // The browser keeps a large one on its disk.
    let file = JsFuture::from(response.blob().map_err(broken)?)
        .await
        .map_err(broken)?;
    let address =
        web_sys::Url::create_object_url_with_blob(file.unchecked_ref()).map_err(broken)?;
    keep(&address, name);
    let _ = web_sys::Url::revoke_object_url(&address);
    Ok(true)
}

fn keep(address: &str, name: &str) {
    if let Ok(link) = document().create_element("a") {
        let _ = link.set_attribute("href", address);
        let _ = link.set_attribute("download", name);
        link.unchecked_into::<web_sys::HtmlElement>().click();
    }
}

/// The shell asks where to, and writes what the service sends.
async fn over_dialog(request: &Request, name: &str) -> Result<bool, Problem> {
    let arguments = json!({ "request": desktop::written(request), "name": name });
    let answer = desktop::invoke("save", &arguments)
        .await
        .map_err(|wrong| problem::offline(&js_text(&wrong)))?;
    let told = desktop::value_of(&answer).unwrap_or_default();
    let status = told.get("status").and_then(Value::as_u64).unwrap_or(200);
    if status >= 400 {
        return Err(desktop::read(&answer)
            .map_or_else(|| problem::offline("save"), |answer| problem::read(&answer)));
    }
    Ok(told.get("saved").and_then(Value::as_bool).unwrap_or(false))
}
