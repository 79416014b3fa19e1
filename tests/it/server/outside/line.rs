//! A connection that is kept open: the checker asks too often to open one each time.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// A connection to a server.
pub struct Line(BufReader<TcpStream>);

/// What came back: status, whether it was kept, bytes.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub was_kept: bool,
    pub body: Vec<u8>,
}

impl Line {
    pub async fn to(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.expect("the server accepts");
        stream.set_nodelay(true).expect("a socket");
        Self(BufReader::new(stream))
    }

    /// Asks and reads the answer.
    pub async fn ask(&mut self, request: &[u8]) -> Said {
        self.0.get_mut().write_all(request).await.expect("the server listens");
        let mut line = String::new();
        self.0.read_line(&mut line).await.expect("an answer");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut said = Said {
            status: status.unwrap_or_else(|| panic!("no answer: {line:?}")),
            was_kept: false,
            body: Vec::new(),
        };
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line).await.expect("a head");
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name {
                "content-length" => length = value.parse().expect("a length"),
                "cache-status" => said.was_kept = value == "gongbao; hit",
                "transfer-encoding" => panic!("answers of the checker have a length"),
                _ => {}
            }
        }
        said.body.resize(length, 0);
        self.0.read_exact(&mut said.body).await.expect("a body");
        said
    }
}

/// A GET, or with a body a POST of JSON.
pub fn request(path: &str, body: Option<&str>) -> Vec<u8> {
    match body {
        None => format!("GET {path} HTTP/1.1\r\nhost: hub\r\n\r\n").into_bytes(),
        Some(body) => format!(
            "POST {path} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    }
}
