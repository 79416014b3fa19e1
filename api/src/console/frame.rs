//! What stands around every page: its language, its title, who is signed in, what was said.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use editorial::Refusal;
use jiff::Timestamp;
use schema::{message::Bilingual, parameters::BEIJING};

use super::to;
use crate::Problem;

/// The cookie that keeps which language somebody chose.
const CHOSEN: &str = "gongbao-language";

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    Chinese,
    English,
}

impl Tongue {
    /// The one that was chosen, else the one that the browser likes better.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies = cookies.flat_map(|value| value.split(';')).map(str::trim);
        let chosen = cookies.find_map(|cookie| cookie.strip_prefix(CHOSEN)?.strip_prefix('='));
        match chosen.and_then(Self::parse) {
            Some(chosen) => chosen,
            // A console of Chinese authorities is Chinese unless somebody says otherwise.
            None if headers.contains_key(header::ACCEPT_LANGUAGE) => {
                match crate::problem::language(headers) {
                    "zh" => Self::Chinese,
                    _ => Self::English,
                }
            }
            None => Self::Chinese,
        }
    }

    fn parse(tag: &str) -> Option<Self> {
        match tag {
            "zh-CN" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Its tag.
    pub(super) const fn tag(&self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The tag of the other one.
    pub(super) const fn other(&self) -> &'static str {
        match self {
            Self::Chinese => "en",
            Self::English => "zh-CN",
        }
    }

    /// Whichever of both it is.
    pub(super) const fn t<'text>(&self, zh: &'text str, en: &'text str) -> &'text str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// The text in this language.
    pub(super) fn of_both(self, text: &Bilingual) -> String {
        text.for_locale(self.tag()).to_owned()
    }

    /// A moment by the clock on the wall.
    pub(super) fn moment(at: Timestamp) -> String {
        BEIJING.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// Who is signed in.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) form_token: String,
    /// Whether nothing is owed any more.
    pub(super) works: bool,
}

/// Why something was not done, said above a page.
pub(super) struct Said {
    pub(super) lines: Vec<String>,
}

/// What stands around a page.
pub(super) struct Frame {
    pub(super) l: Tongue,
    pub(super) title: String,
    pub(super) person: Option<Person>,
    pub(super) said: Option<Said>,
}

impl Frame {
    pub(super) fn new(l: Tongue, (zh, en): (&str, &str)) -> Self {
        Self { l, title: l.t(zh, en).to_owned(), person: None, said: None }
    }

    /// Says why something was not done.
    pub(super) fn refused(&mut self, refusal: &Refusal) {
        let lines = match refusal {
            Refusal::Invalid(faults) => {
                faults.iter().map(|fault| self.l.of_both(&fault.message)).collect()
            }
            refusal => vec![self.l.of_both(&refusal.message())],
        };
        self.said = Some(Said { lines });
    }
}

/// `GET /console/language/{tag}`: keeps the choice of a language, and nothing else.
pub(super) async fn choose(
    Path(tag): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tongue = Tongue::parse(&tag).ok_or_else(Problem::not_found)?;
    let back = headers.get(header::REFERER).and_then(|from| from.to_str().ok());
    let back = back.and_then(|from| url::Url::parse(from).ok());
    let path = back.as_ref().map(url::Url::path).filter(|path| path.starts_with("/console"));
    let mut response = to(path.unwrap_or("/console"));
    let cookie = format!(
        "{CHOSEN}={}; Path=/console; Max-Age=31536000; SameSite=Strict; HttpOnly",
        tongue.tag()
    );
    let cookie = HeaderValue::from_str(&cookie).map_err(Problem::fault)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
