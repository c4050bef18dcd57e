//! Proxies, certificates, single documents; and that no log ever holds a key.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use expect_test::expect;
use models::{Client, ClientOptions, Endpoint, FailureKind, Transport, Wire};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::service::{After, Service, await_end, respond, say};
use crate::setup::{
    KEY, chat, chat_with, endpoint_options, failure, options, request, run, text, wait,
};

const LONG: Duration = Duration::from_secs(30);

/// A certificate for `localhost` and `model.test`, as a TLS service wants it, and as PEM for who shall trust it.
pub(crate) fn tls_config() -> (ServerConfig, String) {
    let names = vec!["localhost".to_owned(), "model.test".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certified.cert.der().clone()],
            PrivateKeyDer::Pkcs8(key),
        )
        .unwrap();
    (config, certified.cert.pem())
}

/// A service within TLS, and the PEM of its certificate.
fn tls_service() -> (Service, String) {
    let (config, pem) = tls_config();
    let config = Arc::new(config);
    let service = Service::start_wrapped(
        move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            Ok(Box::new(StreamOwned::new(connection, stream)))
        },
        |_, _, stream| say(stream, "in confidence"),
    );
    (service, pem)
}

fn trusting(ca_file: &Path) -> ClientOptions {
    ClientOptions {
        ca_file: Some(ca_file.to_owned()),
        ..options(&Arc::default())
    }
}

pub(crate) fn ca_file(pem: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    file
}

/// A proxy that leads every tunnel to `target`, however it is called. Sends each request's head to `seen`.
fn tunnel_proxy(target: SocketAddr, seen: mpsc::Sender<String>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                client.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            if seen.send(String::from_utf8(head).unwrap()).is_err() {
                return;
            }
            client
                .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                .unwrap();
            splice(client, TcpStream::connect(target).unwrap());
        }
    });
    address
}

fn splice(client: TcpStream, service: TcpStream) {
    for (mut from, mut to) in [
        (client.try_clone().unwrap(), service.try_clone().unwrap()),
        (service, client),
    ] {
        std::thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
    }
}

#[test]
fn a_ca_file_makes_its_services_trusted() {
    let (service, pem) = tls_service();
    let url = format!("https://localhost:{}/v1", service.address.port());
    let file = ca_file(&pem);
    let mut session = chat_with(&url, trusting(file.path()));
    for _ in 0..3 {
        assert_eq!(
            text(&run(&mut *session, &request(&["hello"]))),
            "in confidence"
        );
    }
    assert_eq!(service.accepts(), 1);

    let (mut session, _) = chat(&url);
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::InvalidRequest);
    assert!(
        error.message.contains("certificate that is not trusted"),
        "{error}"
    );
    assert!(error.message.contains("`ca_file`"), "{error}");
    assert_eq!(service.seen().len(), 3);
}

#[test]
fn a_ca_file_that_is_none_is_refused_at_once() {
    let refuse = |path: &Path| Client::new(trusting(path)).err().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    expect![[
        "the CA file FILE cannot be used: No such file or directory (os error 2); `ca_file` must name a file of PEM certificates"
    ]]
    .assert_eq(&refuse(&missing).replace(missing.to_str().unwrap(), "FILE"));
    let file = ca_file("hello\n");
    expect![[
        "the CA file FILE cannot be used: it holds no PEM certificate; `ca_file` must name a file of PEM certificates"
    ]]
    .assert_eq(&refuse(file.path()).replace(file.path().to_str().unwrap(), "FILE"));
}

#[test]
fn a_proxy_carries_plain_requests() {
    // It is asked for a host that exists nowhere: only it can have answered.
    let proxy = Service::start(|_, _, stream| say(stream, "by proxy"));
    let options = ClientOptions {
        proxy: Some(format!("http://{}", proxy.address)),
        ..options(&Arc::default())
    };
    let mut session = chat_with("http://model.test/v1", options);
    assert_eq!(text(&run(&mut *session, &request(&["hello"]))), "by proxy");
    let line = &proxy.seen()[0].line;
    assert_eq!(line, "POST http://model.test/v1/chat/completions HTTP/1.1");
}

#[test]
fn a_proxy_tunnels_tls_for_requests_and_sockets() {
    let (service, pem) = tls_service();
    let file = ca_file(&pem);
    for transport in [Transport::Http, Transport::WebSocket] {
        let (sender, seen) = mpsc::channel();
        let proxy = tunnel_proxy(service.address, sender);
        let options = ClientOptions {
            proxy: Some(format!("http://someone:pass-word@{proxy}")),
            ..trusting(file.path())
        };
        let url = "https://model.test/v1";
        let mut session = crate::setup::open(url, Wire::Responses, transport, options);
        // The service speaks another wire; that it was reached and asked is what counts.
        run(&mut *session, &request(&["hello"]));
        let head = wait(&seen).to_ascii_lowercase();
        assert!(
            head.starts_with("connect model.test:443 http/1.1\r\n"),
            "{head}"
        );
        assert!(head.contains("proxy-authorization: basic "), "{head}");
        assert!(!head.contains(KEY), "{head}");
    }
    let upgrades = service
        .seen()
        .iter()
        .filter(|seen| seen.header("upgrade").is_some())
        .count();
    assert!(upgrades > 0);
}

#[test]
fn a_proxy_that_fails_is_reported_without_its_password() {
    let proxy = Service::start(|_, _, stream| {
        respond(stream, "407 Proxy Authentication Required", "", "")?;
        Ok(After::Close)
    });
    let options = ClientOptions {
        proxy: Some(format!("http://someone:pass-word@{}", proxy.address)),
        ..options(&Arc::default())
    };
    let mut session = chat_with("https://model.test/v1", options);
    let events = run(&mut *session, &request(&["hello"]));
    let error = failure(&events);
    assert_eq!(error.kind, FailureKind::Offline);
    assert!(error.message.contains("proxy"), "{error}");
    assert!(!format!("{events:?}").contains("pass-word"), "{events:?}");
}

#[test]
fn a_proxy_is_not_asked_for_services_on_this_machine() {
    let service = Service::start(|_, _, stream| say(stream, "directly"));
    let proxy = Service::start(|_, _, stream| say(stream, "by proxy"));
    let options = ClientOptions {
        proxy: Some(format!("http://{}", proxy.address)),
        ..options(&Arc::default())
    };
    let mut session = chat_with(&format!("http://{}/v1", service.address), options);
    assert_eq!(text(&run(&mut *session, &request(&["hello"]))), "directly");
    assert_eq!(proxy.accepts(), 0);
}

#[test]
fn nonsense_for_a_proxy_is_refused_without_repeating_it() {
    for proxy in [
        "ftp://someone:pass-word@host",
        "someone:pass-word@host",
        "http://",
    ] {
        let options = ClientOptions {
            proxy: Some(proxy.into()),
            ..ClientOptions::default()
        };
        let error = Client::new(options).err().unwrap().to_string();
        assert!(error.starts_with("`proxy` is not usable: "), "{error}");
        assert!(!error.contains("pass-word"), "{error}");
    }
}

#[test]
fn a_document_is_fetched_without_a_key_or_below_a_service_with_it() {
    let service = Service::start(|_, seen, stream| {
        let answer = serde_json::json!({"line": seen.line, "key": seen.header("authorization")});
        respond(stream, "200 OK", "", &answer.to_string())
    });
    let client = Client::new(ClientOptions::default()).unwrap();
    let base = format!("http://{}/v1/", service.address);
    assert_eq!(
        client.get_json(&format!("{base}models"), LONG).unwrap(),
        serde_json::json!({"line": "GET /v1/models HTTP/1.1", "key": null})
    );
    let options = endpoint_options(&base, Wire::ChatCompletions, Transport::Http);
    let endpoint = Endpoint::new(&client, options).unwrap();
    assert_eq!(
        endpoint.get_json("/models", LONG).unwrap(),
        serde_json::json!({"line": "GET /v1/models HTTP/1.1", "key": format!("Bearer {KEY}")})
    );
}

#[test]
fn a_document_that_cannot_be_had_says_why() {
    let service = Service::start(|_, seen, stream| match seen.line.as_str() {
        "GET /silent HTTP/1.1" => {
            await_end(stream);
            Ok(After::Close)
        }
        "GET /text HTTP/1.1" => respond(stream, "200 OK", "", "hello"),
        _ => respond(stream, "404 Not Found", "", "no such thing"),
    });
    let client = Client::new(ClientOptions::default()).unwrap();
    let get = |path: &str, limit| {
        let error = client.get_json(&format!("http://{}{path}", service.address), limit);
        error
            .unwrap_err()
            .message
            .replace(&service.address.to_string(), "HOST")
    };
    expect!["http://HOST sent nothing for 0.1 s."]
        .assert_eq(&get("/silent", Duration::from_millis(100)));
    expect!["http://HOST/text does not answer with JSON: expected value at line 1 column 1."]
        .assert_eq(&get("/text", LONG));
    expect!["http://HOST/other answers with status 404. no such thing"]
        .assert_eq(&get("/other", LONG));
}

/// Watches everything that is logged while the tests of this program run.
struct Watch;

static LINES: AtomicUsize = AtomicUsize::new(0);
static LEAKED: AtomicBool = AtomicBool::new(false);

impl Write for Watch {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LINES.fetch_add(1, Ordering::SeqCst);
        if line.windows(8).any(|window| window == &KEY.as_bytes()[..8]) {
            LEAKED.store(true, Ordering::SeqCst);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_most_talkative_log_holds_no_key() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(|| Watch)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let service = Service::start(|number, seen, stream| {
        let echo = seen.header("authorization").unwrap_or_default().to_owned();
        match number {
            0 => respond(stream, "500 Internal Server Error", "", &echo),
            1 => respond(
                stream,
                "503 Service Unavailable",
                "",
                &format!("{{\"error\":\"{echo}\"}}"),
            ),
            _ => respond(stream, "401 Unauthorized", "", &echo),
        }
    });
    for transport in [Transport::Http, Transport::WebSocket] {
        let url = format!("http://{}/v1", service.address);
        let options = options(&Arc::default());
        let mut session = crate::setup::open(&url, Wire::Responses, transport, options);
        failure(&run(&mut *session, &request(&["hello"])));
    }
    assert!(LINES.load(Ordering::SeqCst) > 0);
    assert!(!LEAKED.load(Ordering::SeqCst));
}
