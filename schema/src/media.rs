//! What a file may be: the closed list of what the hub keeps. What stands in no row is refused at
//! the door, whatever its sender calls it, so that nothing is served later that nobody thought of.
//!
//! The bytes say what a file is. Its name only decides between media whose bytes look alike: text
//! and tables of text, the office formats of old.

/// A kind of file that the hub keeps.
#[derive(Debug, PartialEq, Eq)]
pub struct Media {
    /// Its media type, in small letters, without parameters.
    pub name: &'static str,
    /// How names of such files may end, in small letters; the first is the usual one.
    pub endings: &'static [&'static str],
    /// How its bytes are told from others.
    pub form: Form,
}

/// How the bytes of a file are built: files of one form cannot be told apart without their names,
/// except for pictures, packages, sound and film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A picture made of points, which is decoded before it is kept.
    Picture,
    /// A ZIP archive with parts that say what it is.
    Package,
    /// The compound files of office programs before 2007 and of WPS.
    Compound,
    /// UTF-8 without control characters.
    Text,
    /// Whatever else is known by its first bytes and kept as it is.
    Sealed,
}

/// WebVTT: captions and subtitles.
pub const CAPTIONS: &str = "text/vtt";

const fn media(name: &'static str, form: Form, endings: &'static [&'static str]) -> Media {
    Media { name, endings, form }
}

/// Everything that is kept.
pub const KEPT: &[Media] = &[
    media("image/jpeg", Form::Picture, &["jpg", "jpeg"]),
    media("image/png", Form::Picture, &["png"]),
    media("image/gif", Form::Picture, &["gif"]),
    media("image/webp", Form::Picture, &["webp"]),
    media("application/pdf", Form::Sealed, &["pdf"]),
    media("application/ofd", Form::Package, &["ofd"]),
    media(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Form::Package,
        &["docx", "wps"],
    ),
    media(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Form::Package,
        &["xlsx", "et"],
    ),
    media(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Form::Package,
        &["pptx", "dps"],
    ),
    media("application/vnd.oasis.opendocument.text", Form::Package, &["odt"]),
    media("application/vnd.oasis.opendocument.spreadsheet", Form::Package, &["ods"]),
    media("application/vnd.oasis.opendocument.presentation", Form::Package, &["odp"]),
    media("application/zip", Form::Package, &["zip"]),
    media("application/msword", Form::Compound, &["doc"]),
    media("application/vnd.ms-excel", Form::Compound, &["xls"]),
    media("application/vnd.ms-powerpoint", Form::Compound, &["ppt"]),
    media("application/vnd.ms-works", Form::Compound, &["wps", "et", "dps"]),
    media("application/vnd.rar", Form::Sealed, &["rar"]),
    media("application/x-7z-compressed", Form::Sealed, &["7z"]),
    media("video/mp4", Form::Sealed, &["mp4", "m4v"]),
    media("video/webm", Form::Sealed, &["webm"]),
    media("audio/mpeg", Form::Sealed, &["mp3"]),
    media("audio/mp4", Form::Sealed, &["m4a"]),
    media("audio/wav", Form::Sealed, &["wav"]),
    media("text/plain", Form::Text, &["txt", "md"]),
    media("text/csv", Form::Text, &["csv"]),
    media(CAPTIONS, Form::Text, &["vtt"]),
    media("application/json", Form::Text, &["json", "geojson"]),
];

impl Media {
    /// The row of a media type; `None` for what is not kept.
    pub fn of(name: &str) -> Option<&'static Self> {
        KEPT.iter().find(|media| media.name == name)
    }

    /// The kinds of files whose names end like this, in small letters.
    pub fn of_ending(ending: &str) -> impl Iterator<Item = &'static Self> {
        KEPT.iter().filter(move |media| media.endings.contains(&ending))
    }

    /// Whether it is a picture that renditions can be made of.
    pub fn is_picture(&self) -> bool {
        self.form == Form::Picture
    }

    /// Whether bytes of this kind may be called `declared` without a lie that matters: it is the
    /// same, or nothing but the name tells the two apart. Captions say themselves what they are:
    /// they may be called a text, and no other text may be called captions.
    pub fn may_be_called(&self, declared: &str) -> bool {
        let alike = |other: &Self| match self.form {
            Form::Text | Form::Compound => other.form == self.form && other.name != CAPTIONS,
            Form::Picture | Form::Package | Form::Sealed => false,
        };
        self.name == declared || Self::of(declared).is_some_and(alike)
    }

    /// Whether a file of this kind may bear `name`. A name without an ending says nothing.
    pub fn may_be_named(&self, name: &str) -> bool {
        ending(name).is_none_or(|ending| {
            Self::of_ending(&ending).any(|media| self.may_be_called(media.name))
        })
    }

    /// The kind that `name` makes of it, where its bytes leave that open.
    pub fn named(&'static self, name: &str) -> &'static Self {
        let Some(ending) = ending(name) else { return self };
        let fits = |media: &&'static Self| self.may_be_called(media.name);
        if self.name == CAPTIONS || self.endings.contains(&ending.as_str()) {
            return self;
        }
        Self::of_ending(&ending).find(fits).unwrap_or(self)
    }
}

/// How `name` ends, in small letters: up to eight Latin letters and digits after the last dot, one
/// of them a letter. `2026.1` and `附件1.关于补贴的通知` have no ending.
pub fn ending(name: &str) -> Option<String> {
    let (_, ending) = name.rsplit_once('.')?;
    let is_one = (1..=8).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_one.then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> &'static Media {
        Media::of(name).expect("it is kept")
    }

    #[test]
    fn nothing_that_runs_is_kept() {
        for name in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/xml",
            "application/javascript",
            "application/x-executable",
            "application/octet-stream",
        ] {
            assert_eq!(Media::of(name), None, "{name}");
        }
        for ending in ["html", "svg", "exe", "js", "bat", "docm", "hta", "xhtml"] {
            assert_eq!(Media::of_ending(ending).count(), 0, "{ending}");
        }
    }

    #[test]
    fn a_name_decides_only_between_what_looks_alike() {
        let text = kind("text/plain");
        let word = kind("application/msword");
        let png = kind("image/png");

        assert_eq!(text.named("名单.CSV").name, "text/csv");
        assert_eq!(word.named("预算.xls").name, "application/vnd.ms-excel");
        assert_eq!(png.named("a.jpg").name, "image/png");
        assert!(text.may_be_named("名单.csv") && !text.may_be_named("名单.html"));
        assert!(word.may_be_named("通知.wps") && !word.may_be_named("通知.docx"));
        assert!(png.may_be_named("图1.关于补贴") && png.may_be_named("2026.1"));
        assert!(!png.may_be_named("a.jpg") && !png.may_be_named("a.png.exe"));
        assert!(!png.may_be_called("image/jpeg") && text.may_be_called("application/json"));
        let captions = kind(CAPTIONS);
        assert!(captions.may_be_named("字幕.txt") && captions.named("字幕.txt") == captions);
        assert!(!text.may_be_named("字幕.vtt") && !text.may_be_called(CAPTIONS));
        assert!(!kind("application/zip").may_be_called("application/ofd"));
    }

    #[test]
    fn every_kind_stands_once_and_may_bear_its_own_endings() {
        for (at, media) in KEPT.iter().enumerate() {
            assert!(KEPT[at + 1..].iter().all(|other| other.name != media.name), "{}", media.name);
            for ending in media.endings {
                assert!(media.may_be_named(&format!("甲.{ending}")), "{} {ending}", media.name);
            }
        }
    }
}
