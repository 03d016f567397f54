//! A bucket on bad days: a real S3 server on a port of its own, and between it and whoever asks the weather that a test makes.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::Bytes;
use futures::stream;
use http_body_util::BodyExt;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

pub const BUCKET: &str = "yard";
pub const ACCESS: &str = "yard-access";
pub const SECRET: &str = "placeholder";

/// What happens to requests.
#[derive(Clone)]
pub enum Fault {
    /// An error of S3's: status, code, message.
    Says(u16, &'static str, &'static str),
    /// The connection breaks after so many bytes of a put's body.
    ResetsPut(usize),
    /// Answers to GET break off after so many bytes.
    Truncates(usize),
    /// HEAD says one byte too many.
    WrongSize,
    /// It says that it stored, and did not.
    Forgets,
    /// It stores, and breaks off before it says so.
    Mute,
    /// This is done when a put's body begins to come, then all goes on.
    Meanwhile(Arc<dyn Fn() + Send + Sync>),
}

struct Sky {
    fault: Mutex<Option<(Fault, usize)>>,
    requests: AtomicUsize,
    service: S3Service,
    folder: PathBuf,
}

/// The server; it ends with the test.
pub struct Bucket {
    at: SocketAddr,
    sky: Arc<Sky>,
    _folder: tempfile::TempDir,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Bucket {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(ACCESS, SECRET));
        let sky = Arc::new(Sky {
            fault: Mutex::new(None),
            requests: AtomicUsize::new(0),
            service: service.build(),
            folder: folder.path().to_owned(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let shared = Arc::clone(&sky);
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let sky = Arc::clone(&shared);
                tokio::spawn(async move {
                    let answer = service_fn(move |request| answer(Arc::clone(&sky), request));
                    // That it breaks is what it is for.
                    let _ =
                        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Self { at, sky, _folder: folder, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// From now on the next `times` requests that it concerns meet `fault`.
    pub fn weather(&self, fault: Fault, times: usize) {
        *self.sky.fault.lock().unwrap() = Some((fault, times));
    }

    pub fn fair(&self) {
        *self.sky.fault.lock().unwrap() = None;
    }

    pub fn requests(&self) -> usize {
        self.sky.requests.load(Ordering::SeqCst)
    }

    /// What the server has at `key`, past all weather.
    pub fn has(&self, key: &str) -> Option<Vec<u8>> {
        std::fs::read(self.path(key)).ok()
    }

    pub fn path(&self, key: &str) -> PathBuf {
        self.sky.folder.join(BUCKET).join(key)
    }
}

impl Sky {
    /// The fault that meets this request, if any.
    fn meets(&self, request: &Request<Incoming>) -> Option<Fault> {
        let mut fault = self.fault.lock().unwrap();
        let (kind, left) = fault.as_mut()?;
        let (put, get, head) =
            (request.method() == Method::PUT, request.method() == Method::GET, request.method() == Method::HEAD);
        let concerns = match kind {
            Fault::Says(..) => true,
            Fault::ResetsPut(_) | Fault::Forgets | Fault::Mute | Fault::Meanwhile(_) => put,
            Fault::Truncates(_) => get,
            Fault::WrongSize => head,
        };
        if !concerns || *left == 0 {
            return None;
        }
        *left -= 1;
        Some(kind.clone())
    }

    async fn serve(&self, request: Request<Body>) -> Result<Response<Body>, std::io::Error> {
        self.service.call(request).await.map_err(|error| std::io::Error::other(format!("{error:?}")))
    }
}

fn broken() -> std::io::Error {
    std::io::Error::other("the connection is broken on purpose")
}

async fn answer(sky: Arc<Sky>, request: Request<Incoming>) -> Result<Response<Body>, std::io::Error> {
    sky.requests.fetch_add(1, Ordering::SeqCst);
    let fault = sky.meets(&request);
    let key = request.uri().path().trim_start_matches('/').to_owned();
    match fault {
        None => sky.serve(request.map(Body::from)).await,
        Some(Fault::Says(status, code, message)) => {
            // The body is taken first, as a server at the other end of a long line would.
            let head = request.method() == Method::HEAD;
            let _ = request.into_body().collect().await;
            let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
            let body = if head { Body::empty() } else { Body::from(text) };
            Ok(Response::builder().status(status).header("content-type", "application/xml").body(body).unwrap())
        }
        Some(Fault::ResetsPut(most)) => {
            let mut body = request.into_body();
            let mut taken = 0;
            while let Some(Ok(frame)) = body.frame().await {
                taken += frame.data_ref().map_or(0, Bytes::len);
                if taken >= most {
                    break;
                }
            }
            Err(broken())
        }
        Some(Fault::Truncates(most)) => {
            let (head, body) = sky.serve(request.map(Body::from)).await?.into_parts();
            let whole = body.collect().await.map_err(|error| std::io::Error::other(error.to_string()))?.to_bytes();
            let pieces = stream::iter([Ok(whole.slice(..most.min(whole.len()))), Err(broken())]);
            let body = Body::http_body_unsync(axum::body::Body::from_stream(pieces));
            let mut response = Response::from_parts(head, body);
            response.headers_mut().insert("content-length", whole.len().into());
            Ok(response)
        }
        Some(Fault::WrongSize) => {
            let mut response = sky.serve(request.map(Body::from)).await?;
            if response.status() == StatusCode::OK {
                let length =
                    response.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
                response.headers_mut().insert("content-length", (length.unwrap_or(0_u64) + 1).into());
            }
            Ok(response)
        }
        Some(Fault::Forgets) => {
            let response = sky.serve(request.map(Body::from)).await?;
            let _ = std::fs::remove_file(sky.folder.join(&key));
            Ok(response)
        }
        Some(Fault::Mute) => {
            sky.serve(request.map(Body::from)).await?;
            Err(broken())
        }
        Some(Fault::Meanwhile(what)) => {
            what();
            sky.serve(request.map(Body::from)).await
        }
    }
}
