//! Captions of film and sound: WebVTT files that belong to another file.

use serde_json::{Map, Value};

use super::{
    Checker,
    compound::line,
    problem::{self, Problem},
    scalar::string,
};
use crate::{media::CAPTIONS, names::Locale, suggest::nearest};

/// Captions of one file: the six languages of the United Nations in every kind fit in.
const MOST: usize = 30;
/// Characters of a label.
const LABEL_CHARACTERS: usize = 100;
const TRACK_MEMBERS: [&str; 7] =
    ["digest", "name", "mediaType", "size", "language", "kind", "label"];

/// What captions are for, as the `kind` of HTML's `track` says it, with what it means in Chinese
/// and in English.
pub const TRACK_KINDS: [(&str, &str, &str); 4] = [
    (
        "captions",
        "字幕，含声音提示，供听障人士使用",
        "What is said and heard, for those who do not hear",
    ),
    ("subtitles", "译文字幕", "What is said, in another language"),
    ("descriptions", "画面描述，供视障人士使用", "What is to be seen, for those who do not see"),
    ("chapters", "章节标题", "Titles of chapters"),
];

impl Checker {
    /// `[{"digest", "name", "mediaType", "size", "language", "kind", "label"?}]`.
    pub(super) fn tracks(&mut self, members: &Map<String, Value>, path: &str) -> Option<Value> {
        let path = format!("{path}.captions");
        let given = match members.get("captions") {
            None | Some(Value::Null) => return None,
            Some(Value::Array(items)) => items.as_slice(),
            Some(single) => std::slice::from_ref(single),
        };
        if given.len() > MOST {
            self.fault(&path, problem::too_many(given.len(), MOST as u32));
            return None;
        }
        let mut tracks: Vec<Value> = Vec::new();
        for (at, item) in given.iter().enumerate() {
            let path = format!("{path}[{at}]");
            let Some(track) = self.track(item, &path) else { continue };
            // Browsers show two that say the same of themselves as one.
            let same = |other: &Value| {
                ["language", "kind", "label"].iter().all(|name| other.get(name) == track.get(name))
            };
            if tracks.iter().any(same) {
                self.fault(&path, repeated());
            }
            tracks.push(track);
        }
        (!tracks.is_empty()).then_some(Value::Array(tracks))
    }

    fn track(&mut self, given: &Value, path: &str) -> Option<Value> {
        let members = self.members(given, &TRACK_MEMBERS, path)?;
        let mut track = self.stored_file(members, &[CAPTIONS.to_owned()], path);
        self.member(&mut track, members, "language", path, language);
        self.member(&mut track, members, "kind", path, kind);
        self.member(&mut track, members, "label", path, line(LABEL_CHARACTERS));
        if !track.is_empty() {
            for needed in ["language", "kind"] {
                self.demand(&track, members, needed, path);
            }
        }
        self.complete_file(track, members, path)
    }
}

/// Whether a file is film or sound. One that does not say what it is is faulted for that.
pub(super) fn is_played(file: &Map<String, Value>) -> bool {
    let media = file.get("mediaType").and_then(Value::as_str);
    media.is_none_or(|media| media.starts_with("video/") || media.starts_with("audio/"))
}

pub(super) fn nothing_to_caption() -> Problem {
    Problem::new(
        "not_film_or_sound",
        "只有视频和音频有字幕，请去掉",
        "only film and sound have captions: leave them out",
    )
}

fn repeated() -> Problem {
    Problem::new(
        "repeated",
        "与前一条字幕的语言、种类和名称都相同，请去掉一条或用 label 区分",
        "it has language, kind and label of another one: remove one, or tell them apart by label",
    )
}

fn language(given: &Value) -> Result<Option<Value>, Problem> {
    let Some(text) = string(given)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let locale: Locale = text.parse().map_err(|_| {
        Problem::new(
            "not_a_language",
            "应为语言标签，如 zh-CN、en、bo",
            "must be the tag of a language, such as zh-CN, en, bo",
        )
    })?;
    Ok(Some(locale.to_string().into()))
}

fn kind(given: &Value) -> Result<Option<Value>, Problem> {
    let Some(text) = string(given)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let names = TRACK_KINDS.map(|(name, ..)| name);
    if names.contains(&text) {
        return Ok(Some(text.into()));
    }
    let list = names.join(", ");
    let near = nearest(text, names);
    Err(Problem::new(
        "not_a_choice",
        format!(
            "应为 {list} 之一{}",
            near.map_or_else(String::new, |near| format!("，是否想写 {near}？"))
        ),
        format!(
            "must be one of {list}{}",
            near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
        ),
    ))
}
