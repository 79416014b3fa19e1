//! A receiver of Gongbao's webhooks: what any team that keeps copies has to do, in one file.
//!
//! ```text
//! $ gongbao channel create app http://127.0.0.1:8090/in --authority lanqiao-city \
//!       --allow 127.0.0.0/8 --allow-http --port 8090 --backfill
//! app
//! secret: whsec_…
//! publicKey: whpk_…
//! $ cargo run --example webhook-receiver -- whpk_… copies.jsonl 127.0.0.1:8090
//! listening on 127.0.0.1:8090
//! 2026-11-22T02:00:00Z publish /policy/… edition 1
//! ```
//!
//! 1. The signature is checked over the bytes as they came, before anything is parsed. Either
//!    key will do; with `whpk_` (Ed25519) the receiver holds nothing that could forge a message.
//! 2. A message that was seen is answered with success and forgotten: it may come twice.
//! 3. Per text the highest sequence number wins, and an absence is kept as a tombstone, so an
//!    older message that comes late brings nothing back.
//! 4. What was learned is on the disk before the answer goes out.

use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    hmac,
    signature::{ED25519, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};

/// Seconds by which our clock and theirs may differ.
const TOLERANCE: i64 = 300;

/// What a message says, as far as a copy depends on it.
#[derive(Clone, Serialize, Deserialize)]
struct Message {
    id: String,
    #[serde(default)]
    r#type: String,
    /// Nothing, in a test call.
    #[serde(default, deserialize_with = "data")]
    data: Option<Data>,
}

fn data<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Data>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty) || value.is_null();
    if is_empty {
        Ok(None)
    } else {
        Data::deserialize(value).map(Some).map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    content_id: String,
    locale: String,
    sequence: u64,
    kind: String,
    /// `edition` or `absent`.
    state: String,
    edition: u32,
    url: Option<String>,
}

/// A key that was shown when the target was created.
enum Key {
    Secret(hmac::Key),
    Public(Vec<u8>),
}

impl Key {
    fn read(text: &str) -> anyhow::Result<Self> {
        let bytes = |text: &str| STANDARD.decode(text).context("a key is base64 after its prefix");
        if let Some(secret) = text.strip_prefix("whsec_") {
            return Ok(Self::Secret(hmac::Key::new(hmac::HMAC_SHA256, &bytes(secret)?)));
        }
        if let Some(public) = text.strip_prefix("whpk_") {
            return Ok(Self::Public(bytes(public)?));
        }
        bail!("a key starts with whsec_ or whpk_")
    }

    /// Whether one of the signatures is right: after a change of keys there are several.
    fn verifies(&self, headers: &HeaderMap, body: &[u8], now: i64) -> Option<bool> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (id, at) = (header("webhook-id")?, header("webhook-timestamp")?);
        let fresh = (now - at.parse::<i64>().ok()?).abs() <= TOLERANCE;
        let signed = [format!("{id}.{at}.").as_bytes(), body].concat();
        let right = header("webhook-signature")?.split(' ').any(|one| {
            let Some((version, text)) = one.split_once(',') else { return false };
            let Ok(signature) = STANDARD.decode(text) else { return false };
            match (self, version) {
                (Self::Secret(key), "v1") => hmac::verify(key, &signed, &signature).is_ok(),
                (Self::Public(key), "v1a") => {
                    UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature).is_ok()
                }
                _ => false,
            }
        });
        Some(fresh && right)
    }
}

/// What is held, and the file it is kept in.
struct Copies {
    seen: HashSet<String>,
    held: HashMap<(String, String), Data>,
    file: File,
}

impl Copies {
    fn open(path: &str) -> anyhow::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let mut copies = Self { seen: HashSet::new(), held: HashMap::new(), file };
        let lines = BufReader::new(File::open(path)?).lines();
        for line in lines {
            // A last line that broke off was never acknowledged: it will come again.
            if let Ok(message) = serde_json::from_str(&line?) {
                copies.take(message);
            }
        }
        Ok(copies)
    }

    fn take(&mut self, message: Message) {
        self.seen.insert(message.id);
        let Some(data) = message.data else { return };
        let text = (data.content_id.clone(), data.locale.clone());
        let newer = self.held.get(&text).is_none_or(|held| held.sequence < data.sequence);
        if newer {
            self.held.insert(text, data);
        }
    }

    /// Keeps a message, on the disk first; `false` when it was known.
    fn keep(&mut self, message: &Message) -> anyhow::Result<bool> {
        if self.seen.contains(&message.id) {
            return Ok(false);
        }
        writeln!(self.file, "{}", serde_json::to_string(message)?)?;
        self.file.sync_data()?;
        self.take(message.clone());
        Ok(true)
    }
}

struct Receiver {
    key: Key,
    copies: Mutex<Copies>,
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if receiver.key.verifies(&headers, &body, now()) != Some(true) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(message) = serde_json::from_slice::<Message>(&body) else {
        return StatusCode::UNPROCESSABLE_ENTITY;
    };
    let told = match &message.data {
        Some(data) => format!(
            "{} {} {} {}",
            data.kind,
            data.url.as_deref().unwrap_or(&data.content_id),
            data.state,
            data.edition
        ),
        None => message.r#type.clone(),
    };
    // A test call asks for nothing and changes nothing.
    if message.data.is_none() {
        println!("{told}");
        return StatusCode::NO_CONTENT;
    }
    let kept = receiver.copies.lock().unwrap_or_else(PoisonError::into_inner).keep(&message);
    match kept {
        Ok(true) => println!("{told}"),
        Ok(false) => println!("{told} (again)"),
        Err(error) => {
            eprintln!("it is not on the disk, so it was not received: {error:#}");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    }
    StatusCode::NO_CONTENT
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, with the machine's clock")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, file, address] = &arguments[..] else {
        bail!("usage: webhook-receiver KEY FILE ADDRESS");
    };
    let receiver = Receiver { key: Key::read(key)?, copies: Mutex::new(Copies::open(file)?) };
    let router = Router::new().route("/in", post(receive)).with_state(Arc::new(receiver));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
