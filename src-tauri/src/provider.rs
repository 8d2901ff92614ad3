//! Sign-in through the identity provider, on the desktop (RFC 8252): the person's own browser goes to the provider and
//! comes back to a port of this machine. Code, attempt and token stay in the shell; the page learns whether it worked.

use std::time::Duration;

use api::{
    path::{PROVIDER_BEGIN, PROVIDER_FINISH},
    session::ProviderBegun,
};
use kernel::Language;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time,
};
use url::Url;

use crate::{
    backend::Backend,
    door::{self, Answer, Call, Content, Refusal},
    session::Session,
};

/// How long a person may take over there.
const PATIENCE: Duration = Duration::from_secs(300);
/// What a browser sends before the end of its headers.
const REQUEST_LIMIT: usize = 16 << 10;

/// What the provider sent back.
#[derive(Debug, PartialEq, Eq)]
struct Returned {
    state: String,
    code: String,
}

pub async fn sign_in(
    backend: &Backend,
    session: &Session,
    language: Language,
    show: impl FnOnce(Url) -> Result<(), String>,
) -> Result<Answer, Refusal> {
    let failed = |error: std::io::Error| Refusal::Unreachable(error.into());
    // RFC 8252 §7.3: the address, not `localhost`, which may be somebody else's by the hosts file.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let redirect = format!("http://127.0.0.1:{port}/return");
    let began = door::own(
        backend,
        session,
        &post(PROVIDER_BEGIN, json!({ "redirect": redirect }), language),
    )
    .await?;
    let Content::Json { value } = &began.body else {
        return Ok(began);
    };
    let Ok(begun) = serde_json::from_value::<ProviderBegun>(value.clone()) else {
        return Ok(began);
    };
    let address = Url::parse(&begun.address)
        .ok()
        .filter(|address| {
            let near = matches!(address.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback());
            address.scheme() == "https" || (address.scheme() == "http" && near)
        })
        .ok_or(Refusal::NotAllowed("the provider's address is not https"))?;
    show(address).map_err(|why| Refusal::Unreachable(why.into()))?;
    let returned = time::timeout(PATIENCE, returned(&listener, language))
        .await
        .map_err(|_| Refusal::Unreachable("nobody came back from the provider".into()))?;
    let finish = json!({
        "state": returned.state,
        "code": returned.code,
        "attempt": begun.attempt,
    });
    door::own(backend, session, &post(PROVIDER_FINISH, finish, language)).await
}

fn post(path: &str, body: serde_json::Value, language: Language) -> Call {
    Call {
        method: "POST".into(),
        path: path.into(),
        headers: vec![("accept-language".into(), language.tag().into())],
        body: Content::Json { value: body },
        ..Call::default()
    }
}

/// Waits for the browser. Whatever else knocks at the port is told that there is nothing.
async fn returned(listener: &TcpListener, language: Language) -> Returned {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else {
            time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // One that says nothing must not hold up the one that does.
        let asked = time::timeout(Duration::from_secs(5), request_line(&mut stream)).await;
        let found = asked.ok().flatten().and_then(|line| parse(&line));
        let key = match found {
            Some(_) => "sign-in-returned",
            None => "sign-in-not-returned",
        };
        answer(&mut stream, found.is_some(), &locale::text(language, key)).await;
        if let Some(returned) = found {
            return returned;
        }
    }
}

async fn request_line(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut part = [0; 2_048];
    // To the end of the headers: a browser whose request is not read sees a broken connection instead of our answer.
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        let read = stream.read(&mut part).await.ok()?;
        bytes.extend_from_slice(&part[..read]);
        if read == 0 || bytes.len() > REQUEST_LIMIT {
            return None;
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    text.lines().next().map(str::to_owned)
}

/// `GET /return?state=…&code=… HTTP/1.1`. A provider that refused comes back without a code: then the service says no.
fn parse(line: &str) -> Option<Returned> {
    let target = line.strip_prefix("GET ")?.split(' ').next()?;
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
    if url.path() != "/return" {
        return None;
    }
    let one = |wanted: &str| {
        url.query_pairs()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    Some(Returned {
        state: one("state")?,
        code: one("code").or_else(|| one("error").map(|_| String::new()))?,
    })
}

async fn answer(stream: &mut TcpStream, found: bool, text: &str) {
    let status = if found { "200 OK" } else { "404 Not Found" };
    let page =
        format!("<!doctype html><meta charset=\"utf-8\"><title>Engage</title><p>{text}</p>\n");
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         content-security-policy: default-src 'none'\r\nreferrer-policy: no-referrer\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n",
        page.len()
    );
    // The browser may be gone already.
    let _ = stream.write_all((head + &page).as_bytes()).await;
    let _ = stream.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_return_counts() {
        let fine = parse("GET /return?code=a%2Bb&state=xyz HTTP/1.1").unwrap();
        assert_eq!((&*fine.code, &*fine.state), ("a+b", "xyz"));
        let refused = parse("GET /return?error=access_denied&state=xyz HTTP/1.1").unwrap();
        assert_eq!((&*refused.code, &*refused.state), ("", "xyz"));
        for other in [
            "GET /favicon.ico HTTP/1.1",
            "POST /return?code=a&state=b HTTP/1.1",
            "GET /return?code=a HTTP/1.1",
            "GET /return?state=a HTTP/1.1",
            "GET /return/../x?code=a&state=b HTTP/1.1",
            "",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn the_browser_comes_back_past_those_who_knock() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let waiting = tokio::spawn(async move { returned(&listener, Language::Es).await });
        for (target, status) in [("/", "404"), ("/return?code=c&state=s", "200")] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut told = String::new();
            stream.read_to_string(&mut told).await.unwrap();
            assert!(told.starts_with(&format!("HTTP/1.1 {status}")), "{told}");
        }
        let returned = waiting.await.unwrap();
        assert_eq!((&*returned.state, &*returned.code), ("s", "c"));
    }
}
