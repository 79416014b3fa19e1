//! Kept answers of the content API at the door of the server: the same as those that went
//! through everything, and given where there is no room for others.

use std::net::SocketAddr;

use api::ServerSettings;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    house::{House, article, house},
    wire::{Answer, ask, head, read, send},
};

const LIST: &str = "{ articles(first: 5) { nodes { title publishedAt columns { name { zh } } } } }";
const ADDRESS: &str = "/graphql?query=%7B%20articles%20%7B%20nodes%20%7B%20title%20%7D%20%7D%20%7D";
const JSON: (&str, &str) = ("content-type", "application/json");

async fn post(server: SocketAddr, headers: &[(&str, &str)]) -> Answer {
    let headers = [&[JSON], headers].concat();
    send(server, "POST", "/graphql", &headers, json!({ "query": LIST }).to_string().as_bytes())
        .await
}

/// A question that has a place on the server and never says what it asks.
async fn take_the_only_place(server: SocketAddr) -> TcpStream {
    let headers = [JSON, ("expect", "100-continue")];
    loop {
        let mut slow = TcpStream::connect(server).await.expect("it accepts");
        slow.write_all(&head("POST", "/graphql", &headers, Some(50))).await.expect("it listens");
        // The server asks for the body when the question has its place, and refuses at once while
        // the question before is still leaving.
        let mut status = [0; "HTTP/1.1 100".len()];
        slow.read_exact(&mut status).await.expect("it answers");
        match &status[9..] {
            b"100" => return slow,
            b"503" => {}
            other => panic!("{:?}", String::from_utf8_lossy(other)),
        }
    }
}

/// What an answer says, but for what differs from one request to the next.
fn said(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let passing = ["x-request-id", "date"];
    let headers = answer.headers().iter().filter(|(name, _)| !passing.contains(&name.as_str()));
    let mut headers: Vec<_> = headers.cloned().collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

fn titles(answer: &Answer) -> Vec<Value> {
    let nodes = answer.json()["data"]["articles"]["nodes"].clone();
    nodes.as_array().expect("a list").iter().map(|node| node["title"].clone()).collect()
}

impl House {
    async fn articles(&self, number: usize) {
        for number in 0..number {
            let draft = self.create(article(&format!("第{number}篇"))).await.expect("it is saved");
            self.make_public(&draft).await;
        }
    }
}

test_harness::on_both_databases! {
    with house;

    async fn the_third_answer_is_the_second_with_an_id_of_its_own(house: House) {
        house.articles(30).await;
        let served = house.serve().await;
        let long = ADDRESS.replace("title", "title%20url%20path%20publishedAt%20updatedAt%20locale");

        for headers in [
            &[][..],
            &[("accept-encoding", "gzip")],
            &[("accept-encoding", "br, gzip"), ("accept", "application/graphql-response+json")],
            &[("accept-encoding", "identity"), ("accept-language", "zh-CN")],
        ] {
            for path in [ADDRESS, &long] {
                // The first makes it, the second is kept and leaves through the routes.
                let first = ask(served.address, "GET", path, headers).await;
                let second = ask(served.address, "GET", path, headers).await;
                let third = ask(served.address, "GET", path, headers).await;
                assert_eq!(first.status, 200, "{first:?}");
                assert_eq!(said(&second), said(&third), "{headers:?}");
                assert!(third.header("etag").contains('"'), "{third:?}");
                assert_eq!(third.header("x-request-id").len(), 36);
                assert_ne!(second.header("x-request-id"), third.header("x-request-id"));
            }
            post(served.address, headers).await;
            let (second, third) =
                (post(served.address, headers).await, post(served.address, headers).await);
            assert_eq!(said(&second), said(&third), "{headers:?}");
        }
        served.stop().await;
    }

    async fn a_kept_answer_is_given_where_there_is_no_room_for_others(house: House) {
        house.articles(1).await;
        let settings = ServerSettings { concurrency: 1, ..ServerSettings::default() };
        let served = house.serve_with(settings).await;
        for _ in 0..2 {
            assert_eq!(post(served.address, &[]).await.status, 200);
        }
        let slow = take_the_only_place(served.address).await;
        let query = json!({ "query": "{ sites { key } }" }).to_string();
        let other = send(served.address, "POST", "/graphql", &[JSON], query.as_bytes()).await;
        assert_eq!(other.status, 503);

        let kept = post(served.address, &[]).await;

        assert_eq!((kept.status, titles(&kept)), (200, vec![json!("第0篇")]));
        drop(slow);
        served.stop().await;
    }

    async fn a_kept_answer_ends_with_what_it_says(house: House) {
        house.articles(1).await;
        let served = house.serve().await;
        for _ in 0..3 {
            assert_eq!(titles(&post(served.address, &[]).await), ["第0篇"]);
        }

        let draft = house.create(article("新的一篇")).await.expect("it is saved");
        house.make_public(&draft).await;

        assert_eq!(titles(&post(served.address, &[]).await), ["新的一篇", "第0篇"]);
        served.stop().await;
    }

    async fn whoever_says_more_than_a_question_goes_through_everything(house: House) {
        house.allow_origin("https://www.lanqiao.gov.cn").await;
        house.articles(1).await;
        let served = house.serve().await;
        for _ in 0..3 {
            post(served.address, &[]).await;
            ask(served.address, "GET", ADDRESS, &[]).await;
        }
        let kept = ask(served.address, "GET", ADDRESS, &[]).await;

        let stranger = post(served.address, &[("authorization", "Bearer gbt_nobody")]).await;
        let page = post(served.address, &[("origin", "https://www.lanqiao.gov.cn")]).await;
        let person = ask(served.address, "GET", ADDRESS, &[("accept", "text/html")]).await;
        let known = [("if-none-match", kept.header("etag"))];
        let again = ask(served.address, "GET", ADDRESS, &known).await;
        let only_the_head = ask(served.address, "HEAD", ADDRESS, &[]).await;

        assert_eq!(stranger.status, 401);
        assert_eq!(page.header("access-control-allow-origin"), "https://www.lanqiao.gov.cn");
        assert!(String::from_utf8_lossy(&person.body).contains("<html"));
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!((only_the_head.status, only_the_head.body.len()), (200, 0));
        served.stop().await;
    }

    async fn a_question_may_come_in_pieces(house: House) {
        house.articles(1).await;
        let served = house.serve().await;
        for _ in 0..3 {
            post(served.address, &[]).await;
        }
        let body = json!({ "query": LIST }).to_string();
        let (begin, rest) = body.split_at(10);

        let mut whole = TcpStream::connect(served.address).await.expect("it accepts");
        let start = head("POST", "/graphql", &[JSON], Some(body.len()));
        whole.write_all(&[&start, begin.as_bytes()].concat()).await.expect("it listens");
        // Another answer lies between: what came first was looked at by now.
        post(served.address, &[]).await;
        whole.write_all(rest.as_bytes()).await.expect("it listens");
        let mut broken = TcpStream::connect(served.address).await.expect("it accepts");
        let start = head("POST", "/graphql", &[JSON], None);
        let chunks = format!("{:x}\r\n{begin}\r\nno size\r\n", begin.len());
        broken.write_all(&[&start, chunks.as_bytes()].concat()).await.expect("it listens");

        assert_eq!(titles(&read(&mut whole).await), ["第0篇"]);
        assert_eq!(read(&mut broken).await.status, 413, "what breaks off is no question");
        served.stop().await;
    }
}
