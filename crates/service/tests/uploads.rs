//! Large lists over a real connection: what is too much hears why, and what is taken in costs the service no memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use std::net::SocketAddr;
use std::time::Duration;

use api::path;
use house::{ADMIN, House, PASSWORD};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MIB: usize = 1 << 20;
/// The size of the list, in MiB.
const LIST: usize = 200;

/// How the sender tells where the body ends.
#[derive(Clone, Copy)]
enum Length {
    Announced,
    /// `Transfer-Encoding: chunked`: the service learns the size only by counting.
    Counted,
}

async fn house(database: store::testing::TestDb, limit_mib: u64) -> (House, SocketAddr, String) {
    let house = House::with(database, |config| config.upload_limit_mib = limit_mib).await;
    let set_up = json!({"password": PASSWORD});
    assert_eq!(house.call("", "POST", path::SET_UP, set_up).await.0, 204);
    let admin = house.sign_in(ADMIN, PASSWORD).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = house
        .router
        .clone()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (house, address, admin)
}

/// Sends `mib` MiB as a browser does: all of it, and only then is the answer read.
async fn send(address: SocketAddr, token: &str, mib: usize, length: Length) -> (u16, Value) {
    let mut line = TcpStream::connect(address).await.unwrap();
    let how = match length {
        Length::Announced => format!("Content-Length: {}", mib * MIB),
        Length::Counted => "Transfer-Encoding: chunked".to_owned(),
    };
    let head = format!(
        "POST {}?name=grande.csv HTTP/1.1\r\nHost: engage\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n{how}\r\n\r\n",
        path::IMPORTS
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut piece = "Nombre;Correo\n".repeat(MIB / 14 + 1).into_bytes();
    piece.truncate(MIB);
    for sent in 0..mib {
        if matches!(length, Length::Counted) {
            let size = format!("{MIB:x}\r\n");
            line.write_all(size.as_bytes()).await.unwrap();
        }
        let went = line.write_all(&piece).await;
        assert!(went.is_ok(), "cut off after {sent} MiB: {went:?}");
        if matches!(length, Length::Counted) {
            line.write_all(b"\r\n").await.unwrap();
        }
    }
    if matches!(length, Length::Counted) {
        line.write_all(b"0\r\n\r\n").await.unwrap();
    }
    let mut answer = Vec::new();
    // The connection may stay open: the answer is whole when its body can be read.
    loop {
        let mut some = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(20), line.read(&mut some));
        let read = read.await.unwrap().unwrap();
        answer.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&answer);
        let told = text
            .split_once("\r\n\r\n")
            .and_then(|(_, body)| serde_json::from_str(body).ok());
        if let Some(told) = told {
            let status = text[9..12].parse().unwrap();
            return (status, told);
        }
        assert_ne!(read, 0, "no answer: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_too_much_hears_the_limit() {
    let (house, address, admin) = house(store::testing::sqlite().await, 2).await;
    let (_, welcome) = house.get("", path::WELCOME).await;
    assert_eq!(welcome["upload_limit_mib"], 2);
    for length in [Length::Announced, Length::Counted] {
        let (status, told) = send(address, &admin, LIST, length).await;
        assert_eq!(status, 413, "{told}");
        assert_eq!(told["code"], "too_large");
        assert_eq!(told["args"]["limit"], "2 MiB");
    }
    // A session that ended is no cut line either: the page asks for the password and sends the list again.
    let (status, told) = send(address, "ended", LIST, Length::Announced).await;
    assert_eq!(status, 401, "{told}");
    house.close().await;
}

/// This process's memory, in MiB: what it holds now, and the most that it held since [`forget_peak`].
#[cfg(target_os = "linux")]
fn memory() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<usize>().unwrap() / 1024
    };
    (line("VmRSS:"), line("VmHWM:"))
}

#[cfg(target_os = "linux")]
async fn a_large_list_costs_no_memory(database: store::testing::TestDb) {
    let (house, address, admin) = house(database, 1024).await;
    // What is needed once (pools, statements) is in place.
    assert_eq!(send(address, &admin, 4, Length::Announced).await.0, 201);
    // Resets the peak (proc(5), clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, _) = memory();
    let (status, told) = send(address, &admin, LIST, Length::Announced).await;
    let (_, peak) = memory();
    assert_eq!(status, 201, "{told}");
    assert_eq!(told["state"], "ready");
    assert_eq!(told["bytes"], LIST * MIB);
    // SQLite's pages take some 30 of them; a copy of the list would take 200.
    assert!(
        peak < before + 64,
        "{before} MiB before, {peak} MiB while {LIST} MiB came in"
    );
    house.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_list_costs_no_memory_sqlite() {
    a_large_list_costs_no_memory(store::testing::sqlite().await).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_list_costs_no_memory_postgres() {
    if let Some(database) = store::testing::postgres().await {
        a_large_list_costs_no_memory(database).await;
    }
}
