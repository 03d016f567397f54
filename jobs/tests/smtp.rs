//! The mail adapters against a real SMTP dialogue, with a server that misbehaves where the test says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use gatehouse_app::{
    AppError,
    ids::DeliveryId,
    ports::{BeforeData, Envelope, Mailer, Sent},
};
use gatehouse_jobs::mail::{
    outbox::Outbox,
    smtp::{Patience, SmtpMailer},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

/// Where the server stops being a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Says `421` instead of a greeting.
    Busy,
    /// Says `554` instead of a greeting.
    Barred,
    /// Does not know the password.
    WrongPassword,
    /// Cannot look up the password now.
    PasswordLater,
    Greylist,
    NoSuchUser,
    NoSpaceAtData,
    /// Takes the text and hangs up.
    DropAfterText,
    /// Hangs up instead of the `354`.
    DropAtData,
    /// Takes the text and says nothing.
    SilentAfterText,
    RefusesText,
    SilentAtStart,
}

struct Server {
    port: u16,
    received: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (received, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        tokio::spawn({
            let (received, connections) = (Arc::clone(&received), Arc::clone(&connections));
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    // A client that goes away ends the conversation, not the server.
                    tokio::spawn(converse(stream, fault, Arc::clone(&received)));
                }
            }
        });
        Self { port, received, connections }
    }

    fn mailer(&self) -> SmtpMailer {
        let patience = Patience {
            connect: Duration::from_millis(800),
            command: Duration::from_millis(800),
            text: Duration::from_millis(800),
        };
        SmtpMailer::new(&format!("smtp://127.0.0.1:{}", self.port), "yard.test", patience).unwrap()
    }
}

async fn converse(stream: TcpStream, fault: Fault, received: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    match fault {
        Fault::Busy => return write.write_all(b"421 come back later\r\n").await,
        Fault::Barred => return write.write_all(b"554 5.7.1 no mail from your address\r\n").await,
        Fault::SilentAtStart => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            return Ok(());
        }
        _ => write.write_all(b"220 sink ESMTP\r\n").await?,
    }
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer: &[u8] = match (verb.as_str(), fault) {
            ("EHLO", Fault::WrongPassword | Fault::PasswordLater) => b"250-sink\r\n250 AUTH PLAIN\r\n",
            ("AUTH", Fault::WrongPassword) => b"535 5.7.8 bad credentials\r\n",
            ("AUTH", Fault::PasswordLater) => b"454 4.7.0 try later\r\n",
            ("EHLO", _) => b"250-sink\r\n250 8BITMIME\r\n",
            ("RCPT", Fault::Greylist) => b"450 4.7.1 greylisted\r\n",
            ("RCPT", Fault::NoSuchUser) => b"550 5.1.1 no such user\r\n",
            ("DATA", Fault::NoSpaceAtData) => b"452 no space\r\n",
            ("DATA", Fault::DropAtData) => return Ok(()),
            ("DATA", _) => {
                write.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                match fault {
                    Fault::DropAfterText => return Ok(()),
                    Fault::SilentAfterText => {
                        tokio::time::sleep(Duration::from_secs(5)).await;
                        return Ok(());
                    }
                    Fault::RefusesText => b"554 looks like spam\r\n",
                    _ => {
                        received.lock().await.push(text);
                        b"250 2.0.0 taken as 4711\r\n"
                    }
                }
            }
            ("QUIT", _) => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 fine\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// Counts how often the text was about to go out.
#[derive(Default)]
struct Hook {
    calls: usize,
    refuse: bool,
}

#[async_trait]
impl BeforeData for Hook {
    async fn before_data(&mut self) -> Result<(), AppError> {
        self.calls += 1;
        if self.refuse { Err(AppError::Conflict("not yours".into())) } else { Ok(()) }
    }
}

fn mail() -> Envelope {
    Envelope {
        delivery: DeliveryId(uuid::Uuid::from_u128(7)),
        from: "yard@gatehouse.test".into(),
        to: "gary@acme.test".into(),
        message: b"Subject: x\r\n\r\n.a line with a dot\r\nend\r\n".to_vec(),
    }
}

async fn outcome(fault: Fault) -> (Sent, usize) {
    let server = Server::start(fault).await;
    let mut hook = Hook::default();
    let sent = server.mailer().send(mail(), &mut hook).await.unwrap();
    (sent, hook.calls)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = Server::start(Fault::None).await;
    let mut hook = Hook::default();
    let sent = server.mailer().send(mail(), &mut hook).await.unwrap();
    assert_eq!(sent, Sent::Accepted("250 2.0.0 taken as 4711".into()));
    assert_eq!(hook.calls, 1);
    assert!(server.received.lock().await[0].starts_with("Subject: x\n\n.a line with a dot\nend\n"));
}

#[tokio::test]
async fn what_fails_before_the_text_is_tried_again() {
    for fault in [Fault::Busy, Fault::SilentAtStart, Fault::Greylist] {
        let (sent, calls) = outcome(fault).await;
        assert!(matches!(sent, Sent::Deferred(_)), "{fault:?}: {sent:?}");
        assert_eq!(calls, 0, "{fault:?}");
    }
    for fault in [Fault::NoSpaceAtData, Fault::DropAtData] {
        let (sent, _) = outcome(fault).await;
        assert!(matches!(sent, Sent::Deferred(_)), "{fault:?}: {sent:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let mailer = SmtpMailer::new("smtp://127.0.0.1:1", "yard.test", Patience::default()).unwrap();
    let mut hook = Hook::default();
    assert!(matches!(mailer.send(mail(), &mut hook).await.unwrap(), Sent::Deferred(_)));
    assert_eq!(hook.calls, 0);
}

#[tokio::test]
async fn a_plain_no_is_final() {
    for fault in [Fault::NoSuchUser, Fault::RefusesText] {
        let (sent, _) = outcome(fault).await;
        let Sent::Refused(answer) = sent else { panic!("{fault:?}: {sent:?}") };
        assert!(answer.contains("no such user") || answer.contains("spam"), "{answer}");
    }
}

#[tokio::test]
async fn a_plain_no_before_the_mail_is_named_is_meant_for_all_of_them() {
    let (sent, calls) = outcome(Fault::Barred).await;
    assert!(matches!(&sent, Sent::Barred(answer) if answer.contains("no mail from your address")), "{sent:?}");
    assert_eq!(calls, 0);
    for (fault, barred) in [(Fault::WrongPassword, true), (Fault::PasswordLater, false)] {
        let server = Server::start(fault).await;
        let url = format!("smtp://u:p@127.0.0.1:{}", server.port);
        let mailer = SmtpMailer::new(&url, "yard.test", Patience::default()).unwrap();
        let sent = mailer.send(mail(), &mut Hook::default()).await.unwrap();
        let (Sent::Barred(answer) | Sent::Deferred(answer)) = &sent else { panic!("{sent:?}") };
        assert!(answer.contains("did not take the sign-in"), "{answer}");
        assert_eq!(matches!(sent, Sent::Barred(_)), barred, "{sent:?}");
    }
}

#[tokio::test]
async fn no_answer_after_the_text_is_unknown() {
    for fault in [Fault::DropAfterText, Fault::SilentAfterText] {
        let (sent, calls) = outcome(fault).await;
        assert!(matches!(sent, Sent::Unknown(_)), "{fault:?}: {sent:?}");
        assert_eq!(calls, 1);
    }
}

#[tokio::test]
async fn whoever_loses_the_claim_sends_nothing() {
    let server = Server::start(Fault::None).await;
    let mut hook = Hook { refuse: true, ..Hook::default() };
    assert!(server.mailer().send(mail(), &mut hook).await.is_err());
    assert!(server.received.lock().await.is_empty());
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_password_does_not_go_over_an_open_line() {
    let mailer = SmtpMailer::new("smtp://u:p@mail.invalid?tls=sometimes", "yard.test", Patience::default());
    assert!(mailer.is_err());
    let server = Server::start(Fault::None).await;
    let url = format!("smtp://u:p@127.0.0.1:{}?tls=required", server.port);
    let mailer = SmtpMailer::new(&url, "yard.test", Patience::default()).unwrap();
    let Sent::Deferred(why) = mailer.send(mail(), &mut Hook::default()).await.unwrap() else { panic!("sent") };
    assert!(why.contains("STARTTLS"), "{why}");
}

#[tokio::test]
async fn the_outbox_folder_keeps_each_mail_once() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::new(folder.path().join("outbox"));
    for _ in 0..2 {
        assert!(matches!(outbox.send(mail(), &mut Hook::default()).await.unwrap(), Sent::Accepted(_)));
    }
    let files: Vec<_> = std::fs::read_dir(folder.path().join("outbox"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".tmp")
        .collect();
    assert_eq!(files, ["00000000-0000-0000-0000-000000000007.eml"]);
    assert_eq!(std::fs::read(folder.path().join("outbox").join(&files[0])).unwrap(), mail().message);
}
