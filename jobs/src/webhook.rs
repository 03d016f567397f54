//! Webhooks over HTTP. Whoever types an address makes this machine connect to it, so where it leads is looked at each time.

use std::time::Duration;

use async_trait::async_trait;
use gatehouse_app::{cameras::Allow, ports::Webhooks};
use tokio::time::timeout;
use url::Url;

use crate::pinned::{self, Nowhere};

/// From resolving the name to the answer's head.
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts to webhooks.
#[derive(Debug)]
pub struct HttpWebhooks {
    /// Besides public and private addresses.
    allow: Allow,
    patience: Duration,
}

impl HttpWebhooks {
    /// `allow` names addresses of this machine and its neighbours that may be called all the same.
    #[must_use]
    pub fn new(allow: Allow) -> Self {
        Self { allow, patience: PATIENCE }
    }

    /// The same that waits no longer than `patience`.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    async fn call(&self, url: &Url, headers: &[(&str, String)], body: Vec<u8>) -> Result<u16, String> {
        let at = pinned::resolve(url, |at| self.allow.permits_outside(at)).await.map_err(|nowhere| match nowhere {
            Nowhere::Forbidden => {
                "it leads to this machine, its neighbours or a cloud’s own services; webhook_allow can permit that"
                    .into()
            }
            other => other.to_string(),
        })?;
        let client = pinned::client(url, &at).build().map_err(|_| "no connection can be made from here".to_owned())?;
        let mut request = client.post(url.clone()).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        // Of the answer nothing but its head is read.
        request.send().await.map(|answer| answer.status().as_u16()).map_err(|error| pinned::words(&error))
    }
}

#[async_trait]
impl Webhooks for HttpWebhooks {
    async fn post(&self, url: &Url, headers: &[(&str, String)], body: Vec<u8>) -> Result<u16, String> {
        timeout(self.patience, self.call(url, headers, body))
            .await
            .unwrap_or_else(|_| Err(format!("it did not answer within {} s", self.patience.as_secs().max(1))))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server that gives everybody the same answer; what it was sent comes back.
    async fn answering(answer: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut heard = vec![0; 64 * 1024];
            let mut len = 0;
            while !String::from_utf8_lossy(&heard[..len]).contains("{}") {
                match socket.read(&mut heard[len..]).await.unwrap() {
                    0 => break,
                    n => len += n,
                }
            }
            socket.write_all(answer.as_bytes()).await.unwrap();
            if answer.is_empty() {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            String::from_utf8_lossy(&heard[..len]).into_owned()
        });
        (port, heard)
    }

    fn here(port: u16) -> HttpWebhooks {
        HttpWebhooks::new(format!("127.0.0.1:{port}").parse().unwrap()).patient(Duration::from_secs(2))
    }

    async fn post(hooks: &HttpWebhooks, url: &str) -> Result<u16, String> {
        let headers =
            [("content-type", "application/json".to_owned()), ("x-gatehouse-signature", "t=1,v1=2".to_owned())];
        hooks.post(&url.parse().unwrap(), &headers, b"{}".to_vec()).await
    }

    #[tokio::test]
    async fn a_body_goes_out_with_its_headers() {
        let (port, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
        assert_eq!(post(&here(port), &format!("http://127.0.0.1:{port}/hook?key=1")).await, Ok(204));
        let heard = heard.await.unwrap();
        assert!(heard.starts_with("POST /hook?key=1 HTTP/1.1\r\n"), "{heard}");
        assert!(heard.contains("x-gatehouse-signature: t=1,v1=2") && heard.contains("content-type: application/json"));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n";
        let (port, _heard) = answering(answer).await;
        assert_eq!(post(&here(port), &format!("http://127.0.0.1:{port}/")).await, Ok(302));
    }

    #[tokio::test]
    async fn what_is_special_is_not_called_under_any_name() {
        let hooks = HttpWebhooks::new(Allow::default());
        for url in [
            "http://127.0.0.1:9/",
            "http://localhost:9/",
            "http://2130706433:9/",
            "http://[::1]:9/",
            "http://[::ffff:127.0.0.1]:9/",
            "http://169.254.169.254/latest/meta-data",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[fd00:ec2::254]/",
            "http://0.0.0.0:9/",
            "http://100.100.100.200/",
        ] {
            let why = post(&hooks, url).await.unwrap_err();
            assert!(why.contains("webhook_allow"), "{url}: {why}");
        }
        let (port, _heard) = answering("HTTP/1.1 200 OK\r\n\r\n").await;
        let other = HttpWebhooks::new("127.0.0.1:1".parse().unwrap());
        assert!(post(&other, &format!("http://127.0.0.1:{port}/")).await.is_err(), "another port is not named");
    }

    #[tokio::test]
    async fn whoever_says_nothing_is_not_waited_for_and_errors_have_no_address() {
        let (port, _heard) = answering("").await;
        let silent = post(&here(port), &format!("http://127.0.0.1:{port}/secret")).await.unwrap_err();
        assert!(silent.contains("2 s") && !silent.contains("secret"), "{silent}");
        let refused = post(&here(9), "http://127.0.0.1:9/secret").await.unwrap_err();
        assert!(refused.contains("no connection") && !refused.contains("secret"), "{refused}");
        let nowhere = post(&here(9), "http://no-such-host.invalid/secret").await.unwrap_err();
        assert!(nowhere.contains("leads nowhere"), "{nowhere}");
    }
}
