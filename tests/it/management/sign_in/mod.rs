//! Signing in, as a browser does it: step by step, with a cookie that changes and a form token.

mod administrators;
mod failures;
mod hostile;
mod pages;
mod second_factor;
mod sessions;
mod story;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use ring::hmac;
use serde_json::{Value, json};

use super::{Answer, Office};

/// A password that does.
const OWN: &str = "Kor7-Bamit!qe";
/// Another one.
const OTHER: &str = "wharf onion tactile grumble";

/// What a browser holds between requests.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub cookie: String,
    pub form_token: String,
    /// What was told last.
    pub told: Value,
}

impl Browser {
    /// What the session owes.
    pub fn owed(&self) -> &str {
        self.told["owed"].as_str().unwrap_or_default()
    }

    /// A request with what this browser holds.
    pub fn request(&self, method: &str, path: &str, body: &Value) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &self.cookie)
            .header("x-gongbao-form", &self.form_token)
            .header("sec-fetch-site", "same-origin")
            .header(header::USER_AGENT, "Story/1.0")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request")
    }

    /// Keeps what an answer sets.
    pub fn keep(&mut self, answer: &Answer) {
        if let Some(set) = answer.headers.get(header::SET_COOKIE) {
            let set = set.to_str().expect("a cookie");
            assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{set}");
            self.cookie = set.split(';').next().unwrap_or_default().to_owned();
        }
        if answer.status.is_success() {
            self.told = answer.json.clone();
            self.form_token = self.told["formToken"].as_str().unwrap_or_default().to_owned();
        }
    }
}

impl Office {
    /// One step of signing in that must be done.
    pub async fn step(&self, browser: &mut Browser, path: &str, body: Value) {
        let answer = self.try_step(browser, path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.json);
    }

    /// One step of signing in.
    pub async fn try_step(&self, browser: &mut Browser, path: &str, body: Value) -> Answer {
        let path = format!("/manage/session{path}");
        let answer = self.send(browser.request("POST", &path, &body)).await;
        browser.keep(&answer);
        answer
    }

    /// Tries to sign in.
    pub async fn try_password(&self, login: &str, password: &str) -> (Browser, Answer) {
        let mut browser = Browser::default();
        let body = json!({ "login": login, "password": password });
        let answer = self.try_step(&mut browser, "", body).await;
        (browser, answer)
    }

    /// A password that the administrator has made for an account.
    pub async fn given_password(&self, login: &str) -> String {
        let input = json!({ "login": login });
        let made = self.done(&self.administrator, "givePassword", input, "given { password }");
        made.await["given"]["password"].as_str().expect("a password").to_owned()
    }

    /// A browser in which somebody is signed in by a password of their own; a second factor is
    /// still owed where it is required.
    pub async fn signed_in(&self, login: &str) -> Browser {
        let given = self.given_password(login).await;
        let (mut browser, answer) = self.try_password(login, &given).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json);
        let change = json!({ "current": given, "wanted": OWN });
        self.step(&mut browser, "/password", change).await;
        browser
    }

    /// Sets up a second factor: the authenticator and the recovery codes.
    pub async fn second_factor(&self, browser: &mut Browser) -> (Authenticator, Vec<String>) {
        let mut copy = browser.clone();
        let answer = self.try_step(&mut copy, "/second-factor/setup", json!({})).await;
        let authenticator = Authenticator::of(&answer.json);
        let code = authenticator.code(self.second());
        self.step(browser, "/second-factor/confirmation", json!({ "code": code })).await;
        let codes = browser.told["recoveryCodes"].as_array().expect("codes");
        let codes = codes.iter().filter_map(|code| code.as_str().map(ToOwned::to_owned));
        (authenticator, codes.collect())
    }

    /// The second that the clock of the house shows.
    pub fn second(&self) -> i64 {
        self.house.desk.clock.now().as_second()
    }

    /// A question to the management API with what a browser holds.
    pub async fn ask_as(&self, browser: &Browser, query: &str) -> Answer {
        let body = json!({ "query": query });
        self.send(browser.request("POST", "/manage/graphql", &body)).await
    }
}

/// An authenticator, made from the standard alone: RFC 4226 and RFC 6238.
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// The one that reads what is shown when a second factor is set up.
    pub fn of(told: &Value) -> Self {
        let secret = told["secret"].as_str().expect("a secret");
        let uri = told["uri"].as_str().expect("an address");
        assert!(uri.starts_with("otpauth://totp/") && uri.contains(secret), "{uri}");
        let bits: String = secret
            .bytes()
            .map(|letter| match letter {
                b'A'..=b'Z' => letter - b'A',
                _ => letter - b'2' + 26,
            })
            .map(|five| format!("{five:05b}"))
            .collect();
        let byte = |bits: &[u8]| {
            let text = std::str::from_utf8(bits).expect("digits");
            u8::from_str_radix(text, 2).expect("a byte")
        };
        Self(bits.as_bytes().chunks_exact(8).map(byte).collect())
    }

    /// The code that it shows at `second`.
    pub fn code(&self, second: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let counter = u64::try_from(second / 30).expect("after 1970");
        let tag = hmac::sign(&key, &counter.to_be_bytes());
        let tag = tag.as_ref();
        let start = usize::from(tag[19] % 16);
        let word: [u8; 4] = tag[start..start + 4].try_into().expect("four bytes");
        format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
    }
}
