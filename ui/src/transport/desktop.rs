use js_sys::{Function, Promise, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use super::{Answer, AnswerBody, Body, Connection, Lost, Request, set_connection};
use crate::format::js_text;

fn internals() -> Option<JsValue> {
    let window = web_sys::window()?;
    Reflect::get(&window, &JsValue::from_str("__TAURI_INTERNALS__"))
        .ok()
        .filter(|found| !found.is_undefined() && !found.is_null())
}

/// Whether this page stands in the desktop's window.
pub fn is_desktop() -> bool {
    internals().is_some()
}

fn method(name: &str) -> Result<(JsValue, Function), JsValue> {
    let internals = internals().ok_or(JsValue::UNDEFINED)?;
    let method = Reflect::get(&internals, &JsValue::from_str(name))?.dyn_into::<Function>()?;
    Ok((internals, method))
}

/// One command of the shell.
pub async fn invoke(command: &str, arguments: &Value) -> Result<JsValue, JsValue> {
    let arguments = js_sys::JSON::parse(&arguments.to_string())?;
    let (this, invoke) = method("invoke")?;
    let promise: Promise = invoke
        .call2(&this, &JsValue::from_str(command), &arguments)?
        .dyn_into()?;
    JsFuture::from(promise).await
}

/// One command with bytes as its whole payload; what the command needs besides goes in a header.
pub async fn invoke_bytes(
    command: &str,
    bytes: &JsValue,
    header: (&str, &str),
) -> Result<JsValue, JsValue> {
    let (this, invoke) = method("invoke")?;
    let headers = js_sys::Object::new();
    Reflect::set(
        &headers,
        &JsValue::from_str(header.0),
        &JsValue::from_str(header.1),
    )?;
    let options = js_sys::Object::new();
    Reflect::set(&options, &JsValue::from_str("headers"), &headers)?;
    let promise: Promise = invoke
        .call3(&this, &JsValue::from_str(command), bytes, &options)?
        .dyn_into()?;
    JsFuture::from(promise).await
}

/// Calls `heard` with every message that the shell sends on the channel of `command`. Once for the page's life.
pub async fn listen(command: &str, heard: impl FnMut(JsValue) + 'static) -> Result<(), JsValue> {
    let (this, transform) = method("transformCallback")?;
    let heard = Closure::<dyn FnMut(JsValue)>::new(heard);
    let id = transform.call2(&this, heard.as_ref(), &JsValue::FALSE)?;
    heard.forget();
    let id = id.as_f64().unwrap_or_default();
    invoke(command, &json!({ "events": format!("__CHANNEL__:{id}") }))
        .await
        .map(|_| ())
}

/// Whether the session ends with the application, for lack of a keyring. Never in a browser.
pub async fn is_fleeting() -> bool {
    if !is_desktop() {
        return false;
    }
    let state = invoke("session_state", &json!({})).await;
    let kept = state.and_then(|state| Reflect::get(&state, &JsValue::from_str("kept")));
    kept.is_ok_and(|kept| kept == "memory")
}

/// Opens another of the desktop's windows (`designer`, `settings`).
pub async fn open_window(kind: &str) -> Result<(), String> {
    invoke("open_window", &json!({ "kind": kind }))
        .await
        .map(|_| ())
        .map_err(|wrong| js_text(&wrong))
}

/// The request in the form of the shell's commands; a body of bytes travels apart from it.
pub fn written(request: &Request) -> Value {
    let body = match &request.body {
        Body::Empty | Body::Bytes { .. } => json!({ "kind": "empty" }),
        Body::Json(value) => json!({ "kind": "json", "value": value }),
        Body::Text { content_type, text } => {
            json!({ "kind": "text", "value": text, "content_type": content_type })
        }
    };
    json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "body": body,
    })
}

pub async fn send(request: &Request) -> Result<Answer, Lost> {
    let answer = match &request.body {
        Body::Bytes {
            content_type,
            bytes,
        } => {
            let mut head = written(request);
            if let Some(headers) = head["headers"].as_array_mut() {
                headers.push(json!(["content-type", content_type]));
            }
            let mut encoded = String::new();
            api::path::encode(&head.to_string(), &mut encoded);
            let bytes = js_sys::Uint8Array::from(bytes.as_slice());
            invoke_bytes("call", &bytes, ("engage-request", &encoded)).await
        }
        _ => invoke("call", &json!({ "request": written(request) })).await,
    };
    let answer = answer.map_err(|wrong| Lost(js_text(&wrong)))?;
    set_connection(Connection::Connected);
    read(&answer).ok_or_else(|| Lost("the shell's answer cannot be read".to_owned()))
}

/// The person's own browser goes to the identity provider; the shell waits for it to come back.
pub async fn sign_in_elsewhere() -> Result<Answer, Lost> {
    let answer = invoke("sign_in_elsewhere", &json!({}))
        .await
        .map_err(|wrong| Lost(js_text(&wrong)))?;
    read(&answer).ok_or_else(|| Lost("the shell's answer cannot be read".to_owned()))
}

pub fn value_of(answer: &JsValue) -> Option<Value> {
    let text = js_sys::JSON::stringify(answer).ok()?.as_string()?;
    serde_json::from_str(&text).ok()
}

pub fn read(answer: &JsValue) -> Option<Answer> {
    let mut answer = value_of(answer)?;
    let status = u16::try_from(answer.get("status")?.as_u64()?).ok()?;
    let body = answer.get_mut("body").map(Value::take).unwrap_or_default();
    let value = body.get("value").cloned().unwrap_or_default();
    let body = match body.get("kind").and_then(Value::as_str) {
        Some("json") => AnswerBody::Json(value),
        Some("text") => AnswerBody::Text(value.as_str().unwrap_or_default().to_owned()),
        _ => AnswerBody::Empty,
    };
    Some(Answer { status, body })
}
