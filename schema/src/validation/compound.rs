//! Values made of several: a place, a file.

use serde_json::{Map, Value};

use super::{
    Checker, is_media_type, number,
    problem::{self, Problem},
    scalar::string,
    text::{self, Lines},
    tracks::{is_played, nothing_to_caption},
};
use crate::{decimal::Decimal, digest::Digest, map_approval::MapApprovalNumber, suggest::nearest};

/// Characters of an address, a caption and the like.
const TEXT_CHARACTERS: usize = 500;
/// Characters of a file's name.
const NAME_CHARACTERS: usize = 200;
/// Digits after the point of a coordinate: a millimetre.
const COORDINATE_SCALE: u32 = 8;

const PLACE_MEMBERS: [&str; 3] = ["address", "longitude", "latitude"];
const FILE_MEMBERS: [&str; 10] = [
    "digest",
    "name",
    "mediaType",
    "size",
    "alt",
    "caption",
    "credit",
    "mapApprovalNumber",
    "focalPoint",
    "captions",
];
const FOCAL_MEMBERS: [&str; 2] = ["x", "y"];

impl Checker {
    /// `{"address", "longitude"?, "latitude"?}`, coordinates in degrees as decimal strings.
    pub(super) fn place(&mut self, given: &Value, path: &str) -> Option<Value> {
        let members = self.members(given, &PLACE_MEMBERS, path)?;
        let mut place = Map::new();
        self.member(&mut place, members, "address", path, line(TEXT_CHARACTERS));
        self.member(&mut place, members, "longitude", path, coordinate(180));
        self.member(&mut place, members, "latitude", path, coordinate(90));
        if place.is_empty() {
            return None;
        }
        self.demand(&place, members, "address", path);
        for (one, other) in [("longitude", "latitude"), ("latitude", "longitude")] {
            if place.contains_key(one) {
                self.demand(&place, members, other, path);
            }
        }
        Some(Value::Object(place))
    }

    /// `{"digest", "name", "mediaType", "size", "alt"?, "caption"?, "credit"?,
    /// "mapApprovalNumber"?, "focalPoint"?, "captions"?}`.
    pub(super) fn file(&mut self, media: &[String], given: &Value, path: &str) -> Option<Value> {
        let members = self.members(given, &FILE_MEMBERS, path)?;
        let mut file = self.stored_file(members, media, path);
        for text in ["alt", "caption", "credit"] {
            self.member(&mut file, members, text, path, line(TEXT_CHARACTERS));
        }
        self.member(&mut file, members, "mapApprovalNumber", path, map_approval);
        let focal_point = format!("{path}.focalPoint");
        let given = members.get("focalPoint").unwrap_or(&Value::Null);
        if let Some(point) = self.focal_point(given, &focal_point) {
            file.insert("focalPoint".to_owned(), point);
        }
        if let Some(tracks) = self.tracks(members, path) {
            if !is_played(&file) {
                self.fault(&format!("{path}.captions"), nothing_to_caption());
            }
            file.insert("captions".to_owned(), tracks);
        }
        self.complete_file(file, members, path)
    }

    /// Which file it is, what it is called, what and how long it is.
    pub(super) fn stored_file(
        &mut self,
        members: &Map<String, Value>,
        media: &[String],
        path: &str,
    ) -> Map<String, Value> {
        let mut file = Map::new();
        self.member(&mut file, members, "digest", path, |given| {
            string(given)?
                .map(|text| digest(text).map(|digest| digest.to_string().into()))
                .transpose()
        });
        self.member(&mut file, members, "name", path, file_name);
        self.member(&mut file, members, "mediaType", path, |given| media_type(media, given));
        self.member(&mut file, members, "size", path, size);
        file
    }

    /// The file, unless it is empty; notes what is missing, and that the text uses it.
    pub(super) fn complete_file(
        &mut self,
        file: Map<String, Value>,
        members: &Map<String, Value>,
        path: &str,
    ) -> Option<Value> {
        if file.is_empty() {
            return None;
        }
        for needed in ["digest", "name", "mediaType", "size"] {
            self.demand(&file, members, needed, path);
        }
        let digest =
            file.get("digest").and_then(Value::as_str).and_then(|text| text.parse::<Digest>().ok());
        self.files.extend(digest);
        Some(Value::Object(file))
    }

    /// `{"x", "y"}`: the point of a picture that stays in sight when it is cut, in whole percent
    /// from the left and from the top.
    fn focal_point(&mut self, given: &Value, path: &str) -> Option<Value> {
        let members = self.members(given, &FOCAL_MEMBERS, path)?;
        let mut point = Map::new();
        for axis in FOCAL_MEMBERS {
            self.member(&mut point, members, axis, path, percent);
        }
        if point.is_empty() {
            return None;
        }
        for axis in FOCAL_MEMBERS {
            self.demand(&point, members, axis, path);
        }
        Some(Value::Object(point))
    }

    /// The members of an object that may only have known ones; `None` when empty or no object.
    pub(super) fn members<'v>(
        &mut self,
        given: &'v Value,
        known: &[&str],
        path: &str,
    ) -> Option<&'v Map<String, Value>> {
        let members = match given {
            Value::Null => return None,
            Value::Object(members) => members,
            Value::Array(_) => {
                self.fault(path, problem::expected_one());
                return None;
            }
            _ => {
                let names = known.join(", ");
                self.fault(
                    path,
                    problem::wrong_kind(
                        &format!("对象（{names}）"),
                        &format!("an object ({names})"),
                    ),
                );
                return None;
            }
        };
        for name in members.keys().filter(|name| !known.contains(&name.as_str())).take(20) {
            let shown: String = name.chars().take(80).collect();
            let near = nearest(name, known.iter().copied());
            self.fault(&format!("{path}.{shown}"), problem::unknown_field(near));
        }
        Some(members)
    }

    pub(super) fn member(
        &mut self,
        checked: &mut Map<String, Value>,
        members: &Map<String, Value>,
        name: &str,
        path: &str,
        canonical: impl Fn(&Value) -> Result<Option<Value>, Problem>,
    ) {
        let given = members.get(name).unwrap_or(&Value::Null);
        if let Some(value) = self.value_of(&format!("{path}.{name}"), canonical(given)) {
            checked.insert(name.to_owned(), value);
        }
    }

    /// A member without which the whole means nothing; silent where it was given but wrong,
    /// since that was said already.
    pub(super) fn demand(
        &mut self,
        checked: &Map<String, Value>,
        members: &Map<String, Value>,
        name: &str,
        path: &str,
    ) {
        let blank = match members.get(name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        if blank && !checked.contains_key(name) {
            self.fault(
                &format!("{path}.{name}"),
                Problem::new("incomplete", format!("缺少 {name}"), format!("{name} is missing")),
            );
        }
    }
}

/// One line of at most `most` characters.
pub(super) fn line(most: usize) -> impl Fn(&Value) -> Result<Option<Value>, Problem> {
    move |given| {
        let Some(text) = string(given)? else {
            return Ok(None);
        };
        let clean = text::clean(text, Lines::One)?;
        text::within(&clean, most)?;
        Ok(Some(clean).filter(|clean| !clean.is_empty()).map(Value::String))
    }
}

/// Degrees within ±`limit`.
fn coordinate(limit: i64) -> impl Fn(&Value) -> Result<Option<Value>, Problem> {
    move |given| {
        if given.is_null() || given.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let degrees = number::decimal(given)?;
        number::within_scale(&degrees, COORDINATE_SCALE)?;
        number::within(&degrees, Some(&Decimal::from(-limit)), Some(&Decimal::from(limit)))?;
        Ok(Some(degrees.to_string().into()))
    }
}

fn digest(text: &str) -> Result<Digest, Problem> {
    text.trim().parse().map_err(|_| {
        Problem::new(
            "not_a_digest",
            "应为 sha256: 加 64 位小写十六进制数字：请先上传文件，再用返回的摘要",
            "must be sha256: and 64 lower-case hexadecimal digits: upload the file first and use the digest of the answer",
        )
    })
}

fn file_name(given: &Value) -> Result<Option<Value>, Problem> {
    let name = line(NAME_CHARACTERS)(given)?;
    let text = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    if text.contains(['/', '\\']) || matches!(text, "." | "..") {
        return Err(Problem::new(
            "not_a_file_name",
            "应为文件名，不含路径和斜杠",
            "must be a file name without path or slashes",
        ));
    }
    Ok(name)
}

fn media_type(allowed: &[String], given: &Value) -> Result<Option<Value>, Problem> {
    let Some(text) = string(given)? else {
        return Ok(None);
    };
    let text = text.trim().to_ascii_lowercase();
    if !is_media_type(&text) {
        return Err(Problem::new(
            "not_a_media_type",
            "应为媒体类型，如 application/pdf，不带参数",
            "must be a media type such as application/pdf, without parameters",
        ));
    }
    let fits = |entry: &String| match entry.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => *entry == text,
    };
    if !allowed.is_empty() && !allowed.iter().any(fits) {
        let list = allowed.join(", ");
        return Err(Problem::new(
            "media_type_not_allowed",
            format!("此处只收 {list} 类型的文件"),
            format!("this takes files of {list} only"),
        ));
    }
    Ok(Some(text.into()))
}

fn map_approval(given: &Value) -> Result<Option<Value>, Problem> {
    let Some(text) = string(given)?.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let number: MapApprovalNumber = text.parse().map_err(|_| {
        Problem::new(
            "not_a_map_approval_number",
            "应为审图号，由审图机构代号、年份、序号组成，如 GS(2026)0001号、京S(2026)001号",
            "must be the approval number of a map: code, year and number, as in GS(2026)0001号",
        )
    })?;
    Ok(Some(number.to_string().into()))
}

fn percent(given: &Value) -> Result<Option<Value>, Problem> {
    if given.is_null() {
        return Ok(None);
    }
    let percent = number::integer(given)?;
    number::within(&percent, Some(&0), Some(&100))?;
    Ok(Some(percent.into()))
}

fn size(given: &Value) -> Result<Option<Value>, Problem> {
    if given.is_null() {
        return Ok(None);
    }
    let size = number::integer(given)?;
    number::within(&size, Some(&0), None)?;
    Ok(Some(size.into()))
}
