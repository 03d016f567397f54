//! The listener itself, with real connections.

use std::time::Duration;

use gatehouse::{
    config::Config,
    http::{
        self,
        listen::{self, Patience},
    },
};
use gatehouse_app::users::Role;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::support::TestApp;

const SOON: Duration = Duration::from_secs(5);

async fn open(house: &TestApp, patience: Patience) -> (String, CancellationToken, JoinHandle<()>) {
    let stop = CancellationToken::new();
    let config = Config { data: house.data().to_owned(), ..Config::default() };
    let router = http::router_until(&house.app, &config, stop.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    (at, stop.clone(), tokio::spawn(listen::serve(listener, router, patience, stop)))
}

async fn ask(at: &str, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset says the same as an end.
    let _ = timeout(SOON, stream.read_to_end(&mut text)).await.expect("the connection is closed in time");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let house = TestApp::start().await;
    let (at, _, _) = open(&house, Patience { head: Duration::from_millis(200), ..Patience::default() }).await;
    let mut half = ask(&at, "GET /healthz HTTP/1.1\r\nHost: x\r\n").await;
    assert!(!rest(&mut half).await.contains(" 200 "));
    let mut silent = ask(&at, "").await;
    rest(&mut silent).await;
}

#[tokio::test]
async fn it_knows_the_peer_and_ends_when_asked() {
    let house = TestApp::start().await;
    let (at, stop, served) = open(&house, Patience::default()).await;
    // For this machine alone: the answer is 200 only to a peer that is known.
    let mut idle = ask(&at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut head = [0; 15];
    idle.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let mut forwarded =
        ask(&at, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 127.0.0.1\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut forwarded).await.starts_with("HTTP/1.1 403 "));
    stop.cancel();
    // The first connection is still open, and idle.
    timeout(SOON, served).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn live_events_do_not_hold_up_the_end() {
    let house = TestApp::start().await;
    let cookies = house.sign_in(Role::Office).await.cookie_header();
    let (at, stop, served) = open(&house, Patience::default()).await;
    let mut events = ask(&at, &format!("GET /jobs/events HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n\r\n")).await;
    let mut head = [0; 15];
    events.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    stop.cancel();
    timeout(SOON, served).await.expect("it ends").unwrap();
    rest(&mut events).await;
}

#[tokio::test]
async fn more_connections_than_allowed_wait() {
    let house = TestApp::start().await;
    let (at, _, _) = open(&house, Patience { connections: 1, ..Patience::default() }).await;
    let first = ask(&at, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut second = ask(&at, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let mut byte = [0];
    assert!(timeout(Duration::from_millis(300), second.peek(&mut byte)).await.is_err(), "it was let in");
    drop(first);
    assert!(rest(&mut second).await.starts_with("HTTP/1.1 200 OK"));
}
