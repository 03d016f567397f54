//! The program itself: exit codes, what it prints, how it stops, what it sends to collectors.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// The program in an empty folder, with nothing of this machine's environment.
fn gatehouse(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
}

#[track_caller]
fn refused(command: &mut Command, words: &str) {
    let output = run(command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
    assert!(said.contains(words), "{words} is not in: {said}");
}

#[test]
fn wrong_use_is_told_apart_from_failure() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    refused(&mut gatehouse(at, &["work", "--queues", "nonsense"]), "nonsense");
    refused(&mut gatehouse(at, &["serve", "--workers", "nonsense"]), "nonsense");
    refused(&mut gatehouse(at, &["serve", "--data", "/dev/null/here"]), "setting data");
    let import = ["migrate-objects", "--from", ".", "--to", "local", "--remove-source"];
    refused(&mut gatehouse(at, &import), "the files of a folder are left alone");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    refused(&mut gatehouse(at, &["serve", "--listen", &taken.local_addr().unwrap().to_string()]), "setting listen");
    refused(gatehouse(at, &["serve"]).env("GATEHOUSE_SMTP_URL", "smtp://host?tls=maybe"), "setting smtp_url");
    refused(gatehouse(at, &["config"]).env("GATEHOUSE_MAIL_FROM", "nobody"), "setting mail_from");
    refused(gatehouse(at, &["config"]).env("RUST_LOG", "info,gatehouse=loud"), "setting RUST_LOG");
    let mut file = std::fs::File::create(at.join("gatehouse.toml")).unwrap();
    file.write_all(b"listen = nowhere\n").unwrap();
    refused(&mut gatehouse(at, &["config"]), "gatehouse.toml: line 1, setting listen");
}

#[test]
fn what_reports_speaks_json() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = gatehouse(folder.path(), &["config", "--json"]);
    let output = run(command.env("GATEHOUSE_SECRET", "1".repeat(40)));
    let config: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&config["secret"], &config["listen"]), (&"***".into(), &"127.0.0.1:3000".into()));
    let arguments = ["user", "create", "--json", "--email", "rosa@example.com", "--role", "admin", "--password-stdin"];
    let mut child = gatehouse(folder.path(), &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery staple\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let user: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&user["email"], &user["role"]), (&"rosa@example.com".into(), &"admin".into()));
}

/// A process that is killed with its test.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    /// What follows `beginning` on the line that begins so.
    fn line(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).unwrap();
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }

    /// Asks it to stop; returns its exit code and how long it took.
    fn stop(mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        (self.child.wait().unwrap().code(), began.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(at: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Takes what exporters send, and sends on the bodies.
fn collector() -> (SocketAddr, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, bodies) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut first, mut length) = (String::new(), 0);
            stream.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            if tell.send((first, body)).is_err() {
                return;
            }
        }
    });
    (at, bodies)
}

#[test]
fn it_serves_sends_traces_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, bodies) = collector();
    let mut command = gatehouse(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let house = Running::start(command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}")));
    let at = house.line("Gatehouse is at http://").trim_end_matches('/').to_owned();
    assert!(get(&at, "/healthz").starts_with("HTTP/1.1 200 OK"));
    let (code, took) = house.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(15), "{took:?}");
    // Sent at the end, if not before.
    let has = |body: &[u8], word: &str| body.windows(word.len()).any(|part| part == word.as_bytes());
    let found = bodies.try_iter().any(|(first, body)| {
        first.starts_with("POST /v1/traces ")
            && has(&body, "/healthz")
            && has(&body, "gatehouse")
            && has(&body, "request")
    });
    assert!(found, "no span of the request arrived");
}

#[test]
fn workers_alone_tell_how_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let workers = Running::start(&mut gatehouse(folder.path(), &["work", "--listen", &free]));
    workers.line("Working on ");
    assert!(get(&free, "/healthz").starts_with("HTTP/1.1 200 OK"));
    assert!(get(&free, "/readyz").starts_with("HTTP/1.1 200 OK"));
    assert!(get(&free, "/sign-in").starts_with("HTTP/1.1 404 "));
    // The nightly verification is due in a new house.
    let began = Instant::now();
    while !get(&free, "/metrics").contains("gatehouse_jobs_total{") {
        assert!(began.elapsed() < Duration::from_secs(30), "no job was counted");
        std::thread::sleep(Duration::from_millis(200));
    }
    let (code, took) = workers.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(25), "{took:?}");
}

#[test]
fn the_old_systems_names_are_told_at_the_start_and_their_settings_are_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = gatehouse(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    command.env("USE_S3", "False").env("AWS_PRESIGNED_URL_EXPIRATION", "7200").stderr(Stdio::piped());
    command.env("GATEHOUSE_YARD_NAME", "Calumet Yard");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let at = loop {
        if let Some(at) = lines.next().unwrap().unwrap().strip_prefix("Gatehouse is at http://") {
            break at.trim_end_matches('/').to_owned();
        }
    };
    assert!(get(&at, "/sign-in").contains("Calumet Yard"));
    child.kill().unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    child.wait().unwrap();
    let line =
        |name: &str| told.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{told}")).to_owned();
    assert!(
        line("USE_S3").contains("GATEHOUSE_STORAGE=local")
            && line("AWS_PRESIGNED").contains("GATEHOUSE_YARD_URL_HOURS=2")
    );
}

#[test]
fn the_doctor_finds_a_new_house_sound_and_a_bucket_that_nobody_serves_not() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&mut gatehouse(folder.path(), &["doctor"]));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("Sound: ") && !folder.path().join("data").exists(), "{said}");

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = gatehouse(folder.path(), &["doctor", "--json"]);
    command.env("GATEHOUSE_S3_BUCKET", "yard").env("AWS_ENDPOINT_URL", format!("http://{nobody}"));
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "placeholder")
        .env("AWS_SECRET_ACCESS_KEY", "placeholder");
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["sound"], &report["settings"]["AWS_SECRET_ACCESS_KEY"]), (&false.into(), &"***".into()));
    let bucket = report["groups"].as_array().unwrap().last().unwrap()["findings"].as_array().unwrap();
    assert!(bucket.len() >= 16, "{bucket:?}");
    assert_eq!((&bucket[0]["probe"], &bucket[0]["outcome"]), (&"reach".into(), &"failed".into()));
    assert!(bucket[0]["mend"].as_str().unwrap().contains("AWS_ENDPOINT_URL"));
    assert!(bucket.iter().any(|finding| finding["outcome"] == "skipped"));
}
