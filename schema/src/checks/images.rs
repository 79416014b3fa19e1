//! Pictures: what they show in words, and the number of a map.
//!
//! 《无障碍环境建设法》 art. 32 asks for sites that all can read; the national guideline
//! (国办发〔2017〕47号) and 《地图管理条例》 art. 37 ask for maps with a 审图号, `GS(2026)0001号`.

use super::{Check, Finding, Findings, Severity, Subject, Surroundings};
use crate::{map_approval::MapApprovalNumber, message::Bilingual};

/// Words that say a picture is a map.
const MAPS: [&str; 12] = [
    "地图",
    "区位图",
    "行政区划图",
    "行政区域图",
    "政区图",
    "位置图",
    "位置示意图",
    "区域示意图",
    "线路示意图",
    "范围示意图",
    "分布示意图",
    "地形图",
];
/// Words that hold one of them and say something else.
const NO_MAPS: [&str; 6] = ["作战地图", "思维地图", "知识地图", "产业地图", "脱贫地图", "网站地图"];
/// How an approved map is numbered.
const NUMBER: &str = "审图号";

/// See the module.
pub(super) struct Images;

/// A picture, wherever it stands.
struct Picture<'text> {
    path: &'text str,
    /// Its place in the text, for a picture of a rich text.
    at: Option<usize>,
    alt: &'text str,
    caption: &'text str,
    /// Whether its entry gives the number of a map.
    has_number: bool,
    /// Its name, or the last part of its address.
    name: &'text str,
}

impl Check for Images {
    fn key(&self) -> &'static str {
        "images"
    }

    fn look(&self, subject: &Subject<'_>, _: &Surroundings, findings: &mut Findings<'_>) {
        let has_number = subject.texts.iter().any(|text| {
            // A field of its own holds the number and nothing else.
            text.plain.contains(NUMBER) || text.plain.parse::<MapApprovalNumber>().is_ok()
        });
        for picture in of_texts(subject).chain(of_files(subject)) {
            let about = |code, severity, zh: &str, en: &str| {
                let message = Bilingual::new(zh, en);
                match picture.at.zip(subject.text(picture.path)) {
                    Some((at, text)) => text.finding(at..at, code, severity, message),
                    None => Finding::about(picture.path, code, severity, message),
                }
            };
            if picture.alt.trim().is_empty() {
                let finding = about(
                    "image_without_alt",
                    Severity::Warning,
                    "图片没有替代文字，读屏软件的用户无从得知其内容",
                    "the picture has no alternative text: readers who do not see it learn nothing of it",
                );
                // What stands under it may do, and an editor can take it over.
                let caption = Some(picture.caption.trim()).filter(|caption| !caption.is_empty());
                findings.push(finding.suggesting(caption.map(str::to_owned)));
            }
            let is_map = [picture.alt, picture.caption, picture.name].into_iter().any(is_map);
            let is_numbered = has_number || picture.has_number || picture.alt.contains(NUMBER);
            if is_map && !is_numbered {
                findings.push(about(
                    "map_without_number",
                    Severity::Warning,
                    "地图应使用标准地图或标注审图号，图片条目（mapApprovalNumber）、图片说明和正文中均未见审图号",
                    "a map needs its approval number (审图号), which neither its entry (mapApprovalNumber), caption nor text gives",
                ));
            }
        }
    }
}

fn is_map(words: &str) -> bool {
    let mut rest = words.to_owned();
    for other in NO_MAPS {
        rest = rest.replace(other, "");
    }
    MAPS.iter().any(|map| rest.contains(map))
}

fn of_texts<'text>(subject: &'text Subject<'_>) -> impl Iterator<Item = Picture<'text>> {
    subject.texts.iter().flat_map(|text| {
        text.images.iter().map(|image| Picture {
            path: &text.path,
            at: Some(image.at),
            alt: &image.alt,
            caption: &image.caption,
            has_number: false,
            name: image.src.rsplit('/').next().unwrap_or_default(),
        })
    })
}

/// The pictures of file fields. A cover only decorates a list whose titles are text, and is not
/// asked for words.
fn of_files<'text>(subject: &'text Subject<'_>) -> impl Iterator<Item = Picture<'text>> {
    let cover = subject.content_type.cover.as_ref().map(|cover| format!("fields.{cover}"));
    let images = subject
        .files
        .iter()
        .filter(move |file| file.is_image && cover.as_deref() != Some(file.path.as_str()));
    images.map(|file| Picture {
        path: &file.path,
        at: None,
        alt: file.alt,
        caption: file.caption,
        has_number: file.map_approval_number.is_some(),
        name: file.name,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::tests::{codes_of, found_by};

    fn codes(body: &str) -> Vec<&'static str> {
        codes_of(&found_by(&Images, json!({ "title": "甲", "body": body })))
    }

    #[test]
    fn a_picture_without_words_is_found_where_it_stands() {
        let body = "<p>前文</p><figure><img src=\"/a.png\"><figcaption>办事大厅</figcaption></figure>\
                    <p><img src=\"/b.png\" alt=\"窗口\"></p>";

        let found = found_by(&Images, json!({ "title": "甲", "body": body }));

        assert_eq!(codes_of(&found), ["image_without_alt"]);
        assert_eq!((found[0].path.as_str(), found[0].start, found[0].end), ("fields.body", 3, 3));
        assert_eq!(found[0].suggestion.as_deref(), Some("办事大厅"));
        assert!(found[0].excerpt.contains("前文"), "{}", found[0].excerpt);
    }

    #[test]
    fn a_map_needs_its_number_in_caption_or_text() {
        let map =
            |more: &str| format!("<p><img src=\"/a.png\" alt=\"蓝桥市行政区划图{more}\"></p>");
        for (body, expected) in [
            (map(""), vec!["map_without_number"]),
            (map("，审图号：GS(2026)0001号"), vec![]),
            (map("") + "<p>审图号：GS(2026)0001号</p>", vec![]),
            (
                "<p><img src=\"/a.png\" alt=\"项目位置示意图\"></p>".into(),
                vec!["map_without_number"],
            ),
            (
                "<figure><img src=\"/a.png\" alt=\"图1\"><figcaption>区位图</figcaption></figure>"
                    .into(),
                vec!["map_without_number"],
            ),
            ("<p><img src=\"/中国地图.png\" alt=\"图1\"></p>".into(), vec!["map_without_number"]),
            ("<p><img src=\"/a.png\" alt=\"办事流程示意图\"></p>".into(), vec![]),
            ("<p><img src=\"/a.png\" alt=\"改革路线图\"></p>".into(), vec![]),
            ("<p><img src=\"/a.png\" alt=\"网站地图\"></p>".into(), vec![]),
            ("<p>公布标准地图。</p>".into(), vec![]),
        ] {
            assert_eq!(codes(&body), expected, "{body}");
        }
    }

    #[test]
    fn pictures_of_fields_are_looked_at_and_the_cover_is_not() {
        let file = |media: &str, more: &str| {
            let file = json!({ "digest": format!("sha256:{}", "0".repeat(64)), "name": "1.jpg", "mediaType": media, "size": 1 });
            let mut file = file.as_object().expect("an object").clone();
            if !more.is_empty() {
                file.insert("alt".into(), more.into());
            }
            file
        };
        let found = found_by(
            &Images,
            json!({
                "title": "甲",
                "cover": file("image/jpeg", ""),
                "pictures": [file("image/jpeg", "会场"), file("image/jpeg", ""), file("image/jpeg", "规划范围示意图")],
                "files": [file("application/pdf", "")],
            }),
        );

        let mut numbered = file("image/jpeg", "规划范围示意图");
        numbered.insert("mapApprovalNumber".into(), "GS(2026)0001号".into());
        assert_eq!(found_by(&Images, json!({ "title": "甲", "pictures": [numbered] })), []);
        let told: Vec<_> = found.iter().map(|it| (it.path.as_str(), it.code)).collect();
        assert_eq!(
            told,
            [
                ("fields.pictures[1]", "image_without_alt"),
                ("fields.pictures[2]", "map_without_number"),
            ]
        );
    }
}
