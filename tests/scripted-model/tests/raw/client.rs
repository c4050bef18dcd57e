//! A client of bytes: sends what it is told and reads what comes.

use std::io::{Read, Write};
use std::net::TcpStream;

use scripted_model::{Server, Wire};
use serde_json::{Value, json};

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(server: &Server) -> Self {
        let address = server.url();
        let stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, wire: Wire, body: &Value) {
        self.post(wire.path(), body);
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) {
        let body = body.to_string();
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             anthropic-version: 2023-06-01\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(request.as_bytes()).unwrap();
    }

    /// One whole answer; the connection stays open.
    pub(crate) fn reply(&mut self) -> Reply {
        let end = self.wait_for(b"\r\n\r\n", 0);
        let head = String::from_utf8(self.buffer[..end].to_vec()).unwrap();
        let mut at = end + 4;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = Vec::new();
        if let Some(length) = length {
            let length: usize = length.parse().unwrap();
            while self.buffer.len() < at + length {
                assert!(self.more(), "the body is cut");
            }
            body.extend_from_slice(&self.buffer[at..at + length]);
            at += length;
        } else {
            loop {
                let line = self.wait_for(b"\r\n", at);
                let size = std::str::from_utf8(&self.buffer[at..line]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                while self.buffer.len() < line + 2 + size + 2 {
                    assert!(self.more(), "the chunk is cut");
                }
                body.extend_from_slice(&self.buffer[line + 2..line + 2 + size]);
                at = line + 2 + size + 2;
                if size == 0 {
                    break;
                }
            }
        }
        self.buffer.drain(..at);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Reply { status, head, body }
    }

    /// Everything until the server closes.
    pub(crate) fn rest(&mut self) -> String {
        while self.more() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }

    /// Reads until `mark` was there so often.
    pub(crate) fn wait_for_count(&mut self, mark: &str, count: usize) {
        while String::from_utf8_lossy(&self.buffer).matches(mark).count() < count {
            assert!(self.more(), "closed too early");
        }
    }

    fn wait_for(&mut self, mark: &[u8], from: usize) -> usize {
        loop {
            let rest = self.buffer.get(from..).unwrap_or_default();
            if let Some(place) = rest.windows(mark.len()).position(|window| window == mark) {
                return from + place;
            }
            assert!(
                self.more(),
                "closed before {mark:?}: {:?}",
                String::from_utf8_lossy(&self.buffer)
            );
        }
    }

    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let count = self.stream.read(&mut bytes).unwrap_or(0);
        self.buffer.extend_from_slice(&bytes[..count]);
        count > 0
    }
}

/// A request with one tool that says "Hello." to the model.
pub(crate) fn hello(wire: Wire) -> Value {
    let schema = json!({
        "type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"],
        "additionalProperties": false,
    });
    let function = json!({"name": "read_file", "description": "Reads.", "parameters": schema});
    let messages = json!([{"role": "user", "content": "Hello."}]);
    match wire {
        Wire::Responses => json!({
            "model": "m", "stream": true, "store": false, "instructions": "Be brief.",
            "include": ["reasoning.encrypted_content"],
            "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}],
            "tools": [
                {"type": "function", "name": "read_file", "description": "Reads.", "parameters": schema},
                {"type": "custom", "name": "apply_patch", "description": "Patches.",
                 "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}},
            ],
        }),
        Wire::ChatCompletions => json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true},
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}],
            "tools": [{"type": "function", "function": function}],
        }),
        Wire::Messages => json!({
            "model": "m", "stream": true, "max_tokens": 100, "system": "Be brief.", "messages": messages,
            "tools": [{"name": "read_file", "description": "Reads.", "input_schema": schema}],
        }),
        Wire::Ollama => json!({
            "model": "m", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}],
            "tools": [{"type": "function", "function": function}],
        }),
    }
}

/// The field that holds the conversation.
pub(crate) fn conversation_field(wire: Wire) -> &'static str {
    match wire {
        Wire::Responses => "input",
        _ => "messages",
    }
}
