//! HTTP/2: a service that prefers it is spoken to in it, and one connection carries all sessions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use h2::Reason;
use h2::server::SendResponse;
use models::{Client, ClientOptions, Endpoint, ModelEvent, Provider, Transport, Wire};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tungstenite::Bytes;
use tungstenite::http::{Request, Response, Version};

use crate::network::{ca_file, tls_config};
use crate::service::chat_text;
use crate::setup::{endpoint_options, next, options, request, run, start, text, wait};

/// A service on its own thread and runtime; dropping it ends both.
struct Multiplexed {
    port: u16,
    accepts: Arc<AtomicUsize>,
    /// Why clients broke off streams.
    resets: mpsc::Receiver<Reason>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Multiplexed {
    fn start(mut tls: ServerConfig) -> Self {
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let accepts = Arc::<AtomicUsize>::default();
        let (reset, resets) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, is_bound) = mpsc::channel();
        let counted = Arc::clone(&accepts);
        let thread = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                bound.send(listener.local_addr().unwrap().port()).unwrap();
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, TlsAcceptor::from(Arc::new(tls)), &counted, &reset) => {}
                }
            });
        });
        Self {
            port: wait(&is_bound),
            accepts,
            resets,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Multiplexed {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

async fn accept(
    listener: TcpListener,
    tls: TlsAcceptor,
    accepts: &AtomicUsize,
    reset: &mpsc::Sender<Reason>,
) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        accepts.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(serve(stream, tls.clone(), reset.clone()));
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, reset: mpsc::Sender<Reason>) {
    let stream = tls.accept(stream).await.unwrap();
    let mut connection = h2::server::handshake(stream).await.unwrap();
    // It ends with an error when the client simply goes away.
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, reset.clone()));
    }
}

/// Says one word; goes on for ever when the request has the word "endless".
async fn answer(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    reset: mpsc::Sender<Reason>,
) {
    assert_eq!(request.version(), Version::HTTP_2);
    let mut body = request.into_body();
    let mut asked = Vec::new();
    while let Some(Ok(bytes)) = body.data().await {
        asked.extend_from_slice(&bytes);
        body.flow_control().release_capacity(bytes.len()).unwrap();
    }
    let head = Response::builder().header("content-type", "text/event-stream");
    let mut stream = respond
        .send_response(head.body(()).unwrap(), false)
        .unwrap();
    let word = format!("data: {}\n\n", chat_text("word"));
    if String::from_utf8(asked).unwrap().contains("endless") {
        stream.send_data(word.into(), false).unwrap();
        let reason = std::future::poll_fn(|task| stream.poll_reset(task)).await;
        reset.send(reason.unwrap()).unwrap();
        return;
    }
    let end = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let answer = format!("{word}{end}\n\ndata: [DONE]\n\n");
    stream.send_data(answer.into(), true).unwrap();
}

#[test]
fn one_connection_carries_all_sessions_and_a_cancelled_stream_leaves_it_whole() {
    let (tls, pem) = tls_config();
    let service = Multiplexed::start(tls);
    let file = ca_file(&pem);
    let client = Client::new(ClientOptions {
        ca_file: Some(file.path().to_owned()),
        ..options(&Arc::default())
    })
    .unwrap();
    let url = format!("https://localhost:{}/v1", service.port);
    let options = endpoint_options(&url, Wire::ChatCompletions, Transport::Http);
    let endpoint = Endpoint::new(&client, options).unwrap();
    let mut first = endpoint.open();
    let mut second = endpoint.open();
    assert_eq!(text(&run(&mut *first, &request(&["hello"]))), "word");
    let (exchange, events) = start(&mut *first, &request(&["endless"]));
    assert_eq!(next(&events), Some(ModelEvent::TextDelta("word".into())));
    for _ in 0..5 {
        assert_eq!(text(&run(&mut *second, &request(&["hello"]))), "word");
    }
    drop(exchange);
    assert_eq!(wait(&service.resets), Reason::CANCEL);
    assert_eq!(text(&run(&mut *first, &request(&["hello"]))), "word");
    assert_eq!(service.accepts.load(Ordering::SeqCst), 1);
}
