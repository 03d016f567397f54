//! Scans and photos of a bill: sent by script, by form and by program, looked at, kept or refused, downloaded on record.

use std::time::Duration;

use axum::{body::Body, http::Method};
use gatehouse_app::{
    App,
    attachments::{self, Announced, State, Way},
    audit::Actor,
    ids::{AttachmentId, BolId},
    objects::{LOCAL, Pieces, Plane, Policy},
    users::Role,
};
use gatehouse_jobs::{reconcile, runtime};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::{Answer, Client, TestApp, paper::issued_bill};

const PDF: &[u8] = b"%PDF-1.7\nsigned by the driver";

struct Scene {
    house: TestApp,
    client: Client,
    bill: BolId,
}

impl Scene {
    async fn new() -> Self {
        let house = TestApp::start().await;
        let bill = issued_bill(&house.app, 1).await.id;
        house.run_jobs().await;
        let client = house.sign_in(Role::Office).await;
        Self { house, client, bill }
    }

    fn url(&self, rest: &str) -> String {
        format!("/bols/{}/attachments{rest}", self.bill)
    }

    async fn begin(&self, kind: &str, name: &str, size: &str) -> Answer {
        self.client.post(&self.url("/begin"), &[("kind", kind), ("name", name), ("size", size)]).await
    }

    async fn put(&self, url: &str, bytes: &[u8]) -> Answer {
        put(&self.client, url, bytes).await
    }

    /// Names and states, oldest first.
    async fn states(&self) -> Vec<(String, State)> {
        let rows = attachments::of_bill(self.house.app.db(), self.bill).await.unwrap();
        rows.iter().map(|row| (row.name.clone(), row.state())).collect()
    }
}

async fn put(client: &Client, url: &str, bytes: &[u8]) -> Answer {
    let path = url.trim_start_matches("http://gatehouse.test");
    client.send(Method::PUT, path, Some("application/octet-stream"), Body::from(bytes.to_vec())).await
}

fn piece(sending: &Value, n: usize) -> String {
    sending["pieces"][n]["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn script_puts_a_file_straight_to_the_storage() {
    let scene = Scene::new().await;
    let sending = scene.begin("signed_bol", "C:\\scans\\bol.html", &PDF.len().to_string()).await.expect(200).json();
    assert_eq!((&sending["there"], sending["pieces"].as_array().unwrap().len()), (&Value::from(0), 1));
    let arrived = sending["arrived"].as_str().unwrap();
    // Before the bytes are there, nobody is told that they are.
    assert!(scene.client.post(arrived, &[]).await.expect(409).body.contains("Not all of"));
    scene.put(&piece(&sending, 0), PDF).await.expect(200);
    scene.client.post(arrived, &[]).await.expect(200);
    scene.client.post(arrived, &[]).await.expect(200);
    assert_eq!(scene.client.get(&scene.url("/state")).await.json()["state"], "checking");
    assert!(scene.client.get(&scene.url("")).await.expect(200).body.contains("data-poll"));
    scene.house.run_jobs().await;
    assert_eq!(scene.client.get(&scene.url("/state")).await.json()["state"], "settled");
    assert_eq!(scene.states().await, [("bol.html".to_owned(), State::Ready)]);

    let page = scene.client.get(&scene.url("")).await.expect(200).body;
    assert!(page.contains("bol.pdf") && page.contains("Signed bill of lading"), "{page}");
    let file = page.split('"').find(|part| part.starts_with(&scene.url("/0"))).unwrap().to_owned();
    let url = scene.client.get(&file).await.expect(303).location().to_owned();
    let saved = scene.house.anonymous().get(url.trim_start_matches("http://gatehouse.test")).await.expect(200);
    assert_eq!(saved.bytes, PDF);
    assert_eq!(saved.headers["content-disposition"], "attachment; filename=\"bol.pdf\"");
    assert_eq!(saved.headers["content-type"], "application/pdf");
    assert!(saved.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    // What was staged is gone, and its URL writes to nothing that counts.
    assert!(scene.house.data().join("objects/incoming").read_dir().unwrap().next().is_none());

    let trail = scene.house.audit_trail().await;
    for entry in ["attachment.begun", "attachment.kept", "attachment.viewed", "attachment.downloaded"]
        .map(|a| format!("{a} bol"))
    {
        assert!(trail.iter().any(|line| line.ends_with(&entry)), "{entry}: {trail:#?}");
    }
    let bill = scene.client.get(&format!("/bols/{}", scene.bill)).await.expect(200).body;
    assert!(bill.contains("Attachments") && bill.contains("downloaded an attachment"));
}

#[tokio::test]
async fn a_put_that_is_not_what_was_announced_is_refused() {
    let scene = Scene::new().await;
    let sending = scene.begin("seal", "seal.jpg", "10").await.expect(200).json();
    let url = piece(&sending, 0);
    scene.put(&url, b"12345678901").await.expect(400);
    scene.put(&url, b"123456789").await.expect(400);
    scene.put(&url.replace("most=10", "most=11"), b"12345678901").await.expect(403);
    scene.put(&url.replace("incoming/", "uploads/"), b"1234567890").await.expect(403);
    // It writes, and does not read.
    let path = url.trim_start_matches("http://gatehouse.test");
    scene.client.get(path).await.expect(403);
    scene.house.clock.advance(Duration::from_secs(3601));
    scene.put(&url, b"1234567890").await.expect(410);
    assert!(scene.house.data().join("objects/incoming").read_dir().unwrap().next().is_none());

    for (kind, name, size, why) in [
        ("seal", "a.jpg", "0", "is empty"),
        ("seal", "a.jpg", "1000000001", "larger than 1 GB"),
        ("seal", "a.jpg", "many", "larger than 1 GB"),
        ("", "a.jpg", "10", "Choose what the file shows"),
    ] {
        let answer = scene.begin(kind, name, size).await.expect(422);
        assert!(answer.json()["detail"].as_str().unwrap().contains(why), "{}", answer.body);
    }
    let nowhere = "/bols/01900000-0000-7000-8000-00000000ffff/attachments/begin";
    scene.client.post(nowhere, &[("kind", "seal"), ("name", "a"), ("size", "1")]).await.expect(404);
}

fn form(kind: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n").into_bytes();
    for (name, bytes) in files {
        body.extend_from_slice(
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

#[tokio::test]
async fn without_script_files_come_with_the_form() {
    let scene = Scene::new().await;
    let send = async |body: Vec<u8>| {
        scene.client.send(Method::POST, &scene.url(""), Some("multipart/form-data; boundary=b"), Body::from(body)).await
    };
    send(form("ticket", &[("t1.png", b"\x89PNG\r\n\x1a\nrest"), ("page.pdf", b"<!doctype html><script>")]))
        .await
        .expect(303);
    scene.house.run_jobs().await;
    assert_eq!(scene.states().await, [("t1.png".to_owned(), State::Ready), ("page.pdf".to_owned(), State::Refused)]);
    let page = scene.client.get(&scene.url("")).await.body;
    assert!(page.contains("It is none of PDF, JPEG") && page.contains("Scale ticket"), "{page}");

    let nothing = send(form("ticket", &[])).await.expect(422);
    assert!(nothing.body.contains("Choose one file or more") && nothing.body.contains("There is a problem"));
    assert!(send(form("ticket", &[("", b"")])).await.expect(422).body.contains("Choose one file or more"));
    assert!(send(form("ticket", &[("a.pdf", b"")])).await.expect(422).body.contains("is empty"));
    assert!(send(form("poem", &[("a.pdf", PDF)])).await.expect(422).body.contains("Choose what the file shows"));
    let mut cut = form("ticket", &[("a.pdf", PDF)]);
    cut.truncate(cut.len() - 12);
    assert!(send(cut).await.expect(422).body.contains("broke off"));
    scene.client.post(&scene.url(""), &[("kind", "ticket")]).await.expect(422);
    assert_eq!(scene.states().await.len(), 2, "what was refused left nothing");
}

/// The house with pieces so small that every file has several.
fn in_small_pieces(app: &App) -> App {
    let local = app.ports.plane.store(LOCAL).unwrap().clone();
    let policy = Policy { pieces: Pieces { over: 10, size: 8 }, default: vec![LOCAL.into()], ..Policy::default() };
    app.altered(|house| house.ports.plane = Plane::new(vec![local], policy))
}

#[tokio::test]
async fn a_large_file_comes_in_pieces_and_goes_on_where_it_broke_off() {
    let scene = Scene::new().await;
    let app = in_small_pieces(&scene.house.app);
    let user = scene.house.user("scanner@gatehouse.test", Role::Office).await;
    let actor = Actor { kind: gatehouse_app::audit::ActorKind::User(user), ..Actor::system() };
    let announced = Announced { kind: "other".into(), name: "long.pdf".into(), size: PDF.len() as u64 };
    let begin = async || {
        let id = attachments::announce(&app, &actor, scene.bill, &announced, Way::Direct).await?;
        attachments::sending(&app, id).await
    };
    let first = begin().await.unwrap();
    assert_eq!(first.pieces.iter().map(|p| (p.from, p.to)).collect::<Vec<_>>(), [(0, 8), (8, 16), (16, 24), (24, 29)]);
    for piece in first.pieces.iter().rev().take(2) {
        let (from, to) = (usize::try_from(piece.from).unwrap(), usize::try_from(piece.to).unwrap());
        scene.put(&piece.url, &PDF[from..to]).await.expect(200);
    }
    // Half a piece does not count.
    scene.put(&first.pieces[0].url, &PDF[..5]).await.expect(200);
    assert!(attachments::arrived(&app, first.id).await.is_err());
    // The page was closed; the same file is chosen again.
    let second = begin().await.unwrap();
    assert_eq!((second.id, second.there), (first.id, 13));
    assert_eq!(second.pieces.iter().map(|p| (p.from, p.to)).collect::<Vec<_>>(), [(0, 8), (8, 16)]);
    for piece in &second.pieces {
        let (from, to) = (usize::try_from(piece.from).unwrap(), usize::try_from(piece.to).unwrap());
        scene.put(&piece.url, &PDF[from..to]).await.expect(200);
    }
    attachments::arrived(&app, second.id).await.unwrap();
    runtime::run_due(&app).await.unwrap();
    assert_eq!(scene.states().await, [("long.pdf".to_owned(), State::Ready)]);
    let url = attachments::download(&app, &actor, second.id).await.unwrap();
    let saved = scene.client.get(url.as_str().trim_start_matches("http://gatehouse.test")).await.expect(200);
    assert_eq!(saved.bytes, PDF);
    assert!(attachments::sending(&app, second.id).await.is_err(), "there is nothing left to send");
}

#[tokio::test]
async fn a_lost_job_is_found_and_what_never_came_is_given_up() {
    let scene = Scene::new().await;
    let app = &scene.house.app;
    let sending = scene.begin("seal", "seal.pdf", &PDF.len().to_string()).await.json();
    scene.put(&piece(&sending, 0), PDF).await.expect(200);
    scene.client.post(sending["arrived"].as_str().unwrap(), &[]).await.expect(200);
    scene.begin("seal", "never.pdf", "100").await.expect(200);
    let jobs = gatehouse_app::jobs::table::Dialect::of(app.db()).jobs;
    app.db().execute_unprepared(&format!("DELETE FROM {jobs} WHERE job_type LIKE 'files@%'")).await.unwrap();
    assert_eq!(reconcile::round(app).await.papers, 1);
    assert_eq!(reconcile::round(app).await.papers, 0);
    scene.house.run_jobs().await;
    scene.house.clock.advance(Duration::from_hours(25));
    reconcile::round(app).await;
    assert_eq!(scene.states().await, [("seal.pdf".to_owned(), State::Ready)]);
}

#[tokio::test]
async fn removing_takes_a_reason_and_leaves_the_record() {
    let scene = Scene::new().await;
    let sending = scene.begin("seal", "seal.pdf", &PDF.len().to_string()).await.json();
    scene.put(&piece(&sending, 0), PDF).await.expect(200);
    let arrived = sending["arrived"].as_str().unwrap();
    scene.client.post(arrived, &[]).await.expect(200);
    let remove = arrived.replace("/arrived", "/remove");
    scene.client.post(&remove, &[("reason", "x")]).await.expect(409);
    scene.house.run_jobs().await;
    assert!(scene.client.get(&remove).await.expect(200).body.contains("Remove “seal.pdf”?"));
    assert!(scene.client.post(&remove, &[("reason", " ")]).await.expect(422).body.contains("why it is removed"));
    scene.client.post(&remove, &[("reason", "Wrong bill")]).await.expect(303);
    assert_eq!(scene.states().await, []);
    scene.client.get(&arrived.replace("/arrived", "")).await.expect(410);
    let id: AttachmentId = arrived.split('/').nth(4).unwrap().parse().unwrap();
    assert_eq!(attachments::find(scene.house.app.db(), id).await.unwrap().state(), State::Removed);
    // Somebody else's bill does not open it.
    let other = issued_bill(&scene.house.app, 2).await.id;
    scene.client.get(&format!("/bols/{other}/attachments/{id}")).await.expect(404);
}
