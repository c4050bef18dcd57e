//! A model server without latency, on loopback: peers that cannot answer without a model get one that costs nothing.
//!
//! It answers every request at once with the same short completion, in the shapes of TGI and of OpenAI together.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

const ANSWER: &str =
    r#"{"generated_text":"value","choices":[{"text":"value","index":0,"finish_reason":"stop"}]}"#;

/// Starts it and returns its address, `http://127.0.0.1:PORT`. It lives as long as the program.
pub(super) fn start() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || serve(&connection));
        }
    });
    Ok(address)
}

/// Answers request after request until the peer hangs up.
fn serve(connection: &TcpStream) {
    let mut reader = BufReader::new(connection);
    let _ = connection.set_nodelay(true);
    while read_request(&mut reader).is_some() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
        let response = format!("{head} {}\r\n\r\n{ANSWER}", ANSWER.len());
        let mut writer = connection;
        if writer.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads one request with its body; none when the connection ends.
fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<()> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_request_after_request_on_one_connection() {
        let address = start().unwrap();
        let mut connection = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        for _ in 0..2 {
            connection
                .write_all(b"POST /generate HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
                .unwrap();
            let mut reader = BufReader::new(&connection);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            let mut body = vec![0; ANSWER.len()];
            reader.read_exact(&mut body).unwrap();
            assert_eq!(body, ANSWER.as_bytes());
        }
    }
}
