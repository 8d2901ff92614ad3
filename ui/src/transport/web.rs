use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{Answer, AnswerBody, Body, Connection, Lost, Request, set_connection};
use crate::format::js_text;

/// The path with its query, percent-encoded.
pub fn address(path: &str, query: &[(String, String)]) -> String {
    let mut address = path.to_owned();
    for (at, (name, value)) in query.iter().enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        api::path::encode(name, &mut address);
        address.push('=');
        api::path::encode(value, &mut address);
    }
    address
}

/// Over HTTP to where the page came from. The session is in an HttpOnly cookie; the client header proves that the request
/// is our page's own.
pub async fn send(request: &Request) -> Result<Answer, Lost> {
    read(fetch(request).await?).await
}

/// The answer's head; its body is still to be read.
pub async fn fetch(request: &Request) -> Result<web_sys::Response, Lost> {
    let lost = |wrong: JsValue| Lost(js_text(&wrong));
    let headers = web_sys::Headers::new().map_err(lost)?;
    for (name, value) in &request.headers {
        headers.append(name, value).map_err(lost)?;
    }
    headers.append(api::header::CLIENT, "web").map_err(lost)?;
    let init = web_sys::RequestInit::new();
    init.set_method(request.method);
    init.set_credentials(web_sys::RequestCredentials::SameOrigin);
    match &request.body {
        Body::Empty => {}
        Body::Json(value) => {
            headers
                .append("content-type", "application/json")
                .map_err(lost)?;
            init.set_body(&JsValue::from_str(&value.to_string()));
        }
        Body::Text { content_type, text } => {
            headers.append("content-type", content_type).map_err(lost)?;
            init.set_body(&JsValue::from_str(text));
        }
        Body::Bytes {
            content_type,
            bytes,
        } => {
            headers.append("content-type", content_type).map_err(lost)?;
            init.set_body(&js_sys::Uint8Array::from(bytes.as_slice()));
        }
    }
    init.set_headers(&headers);
    let address = address(&request.path, &request.query);
    let response = JsFuture::from(window().fetch_with_str_and_init(&address, &init))
        .await
        .map_err(lost)?;
    let response: web_sys::Response = response.dyn_into().map_err(lost)?;
    set_connection(Connection::Connected);
    Ok(response)
}

pub async fn read(response: web_sys::Response) -> Result<Answer, Lost> {
    let lost = |wrong: JsValue| Lost(js_text(&wrong));
    let kind = response
        .headers()
        .get("content-type")
        .ok()
        .flatten()
        .unwrap_or_default();
    let text = JsFuture::from(response.text().map_err(lost)?)
        .await
        .map_err(lost)?;
    let text = text.as_string().unwrap_or_default();
    let body = if text.is_empty() {
        AnswerBody::Empty
    } else if kind.contains("json") {
        serde_json::from_str(&text).map_or(AnswerBody::Text(text), AnswerBody::Json)
    } else {
        AnswerBody::Text(text)
    };
    Ok(Answer {
        status: response.status(),
        body,
    })
}
