//! An upload to a hub that is killed: what it said was safe is, and the rest is sent again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schema::digest::Digest;
use test_harness::TestDatabase;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::long_text;
use crate::{
    program::{Node, Program},
    wire::{Answer, head, send},
};

const TUS: (&str, &str) = ("tus-resumable", "1.0.0");
const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

async fn ask(
    node: &Node,
    token: &str,
    method: &str,
    at: &str,
    more: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [&[TUS, ("authorization", &*token)], more].concat();
    send(node.address, method, at, &headers, body).await
}

async fn offset(node: &Node, token: &str, at: &str) -> usize {
    let answer = ask(node, token, "HEAD", at, &[], b"").await;
    assert_eq!(answer.status, 200);
    answer.header("upload-offset").parse().expect("a number")
}

test_harness::on_both_databases! {
    async fn a_killed_hub_has_what_it_said_it_has(database: TestDatabase) {
        let program = Program::new(database.folder(), database.url());
        let token = program.administrator();
        let file = long_text(11 << 20);
        let node = program.serve();
        let length = file.len().to_string();
        let name = format!("filename {}", STANDARD.encode("汇编.txt"));
        let begun = [("upload-length", &*length), ("upload-metadata", &*name)];
        let begun = ask(&node, &token, "POST", "/manage/uploads", &begun, b"").await;
        assert_eq!(begun.status, 201);
        let at = begun.header("location").to_owned();
        let first = [BYTES, ("upload-offset", "0")];
        assert_eq!(ask(&node, &token, "PATCH", &at, &first, &file[..1000]).await.status, 204);

        // The second is under way, and a whole piece of it has come, when the hub dies.
        let bearer = format!("Bearer {token}");
        let headers = [TUS, ("authorization", &*bearer), BYTES, ("upload-offset", "1000")];
        let mut stream = TcpStream::connect(node.address).await.expect("it accepts");
        let start = head("PATCH", &at, &headers, Some(file.len() - 1000));
        stream.write_all(&start).await.expect("it listens");
        stream.write_all(&file[1000..9 << 20]).await.expect("it listens");
        while offset(&node, &token, &at).await == 1000 {
            tokio::task::yield_now().await;
        }
        let said = offset(&node, &token, &at).await;
        node.kill();

        let node = program.serve();
        let safe = offset(&node, &token, &at).await;
        assert!(safe >= said && safe < file.len(), "{said} {safe}");
        let safe_text = safe.to_string();
        let rest = [BYTES, ("upload-offset", &*safe_text)];
        assert_eq!(ask(&node, &token, "PATCH", &at, &rest, &file[safe..]).await.status, 204);
        let told = ask(&node, &token, "GET", &at, &[], b"").await.json();
        assert_eq!(told["file"]["digest"], Digest::of(&file).to_string());
        node.stop();
    }
}
