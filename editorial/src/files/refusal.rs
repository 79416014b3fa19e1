//! Why a file is not taken in, in words that say what to do.

use std::io;

use schema::{media::KEPT, message::Bilingual};

/// A file that is not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRefusal {
    /// The name is a path, or cannot be shown.
    Name,
    /// It is none of the kinds that are kept; what it seems to be, where that is known.
    Kind(Option<&'static str>),
    /// Text that is markup or a script: a browser could run it.
    Markup,
    /// Text in another encoding than UTF-8, or not text at all.
    Encoding,
    /// The name ends like another kind of file than this is.
    NameDiffers {
        /// What it is.
        media: &'static str,
    },
    /// A picture whose bytes cannot be decoded.
    Picture(&'static str),
    /// A picture with more points than are decoded here.
    TooManyPoints {
        /// Width in points.
        width: u32,
        /// Height in points.
        height: u32,
    },
    /// A package that cannot be read.
    Package,
    /// A package that unpacks to much more than it is.
    Bomb,
    /// A package with more entries than are looked at.
    TooManyEntries,
    /// A package that would write outside of its folder when it is unpacked.
    Escapes,
    /// An office file with macros, or an archive with a program in it.
    Macros,
    /// A package that can only be opened with a password.
    Encrypted,
    /// It cannot be read where it lies.
    Unreadable(String),
}

impl FileRefusal {
    /// Stable code, snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name => "not_a_file_name",
            Self::Kind(_) => "file_type_unknown",
            Self::Markup => "file_has_markup",
            Self::Encoding => "file_not_utf8",
            Self::NameDiffers { .. } => "file_type_differs",
            Self::Picture(_) => "picture_damaged",
            Self::TooManyPoints { .. } => "picture_too_large",
            Self::Package => "package_damaged",
            Self::Bomb => "package_bursts",
            Self::TooManyEntries => "package_too_many_entries",
            Self::Escapes => "package_escapes",
            Self::Macros => "file_has_macros",
            Self::Encrypted => "package_encrypted",
            Self::Unreadable(_) => "file_unreadable",
        }
    }

    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        match self {
            Self::Name => Bilingual::new(
                "文件名不能含路径、斜杠或控制字符，且不超过 200 个字符",
                "a file name holds no path, no slashes, no control characters, and at most 200 characters",
            ),
            Self::Kind(found) => {
                let known: Vec<&str> =
                    KEPT.iter().filter_map(|media| media.endings.first().copied()).collect();
                let seems =
                    found.map(|found| (format!("（内容为 {found}）"), format!(" ({found})")));
                let (zh, en) = seems.unwrap_or_default();
                Bilingual::new(
                    format!("不接收此类文件{zh}，请转换为可接收的格式：{}", known.join("、")),
                    format!(
                        "files of this kind{en} are not taken in: convert it to one of {}",
                        known.join(", ")
                    ),
                )
            }
            Self::Markup => Bilingual::new(
                "不接收网页、SVG、XML 和脚本；图形请导出为 PNG 或 WebP，网页请作为正文录入",
                "web pages, SVG, XML and scripts are not taken in: export drawings as PNG or WebP, and put pages into the text",
            ),
            Self::Encoding => Bilingual::new(
                "文本文件应为 UTF-8 编码，请另存为 UTF-8 后再传",
                "text files are in UTF-8: save it in that encoding and send it again",
            ),
            Self::NameDiffers { media } => Bilingual::new(
                format!("文件内容是 {media}，与扩展名不符，请检查文件是否完好、扩展名是否正确"),
                format!(
                    "the file holds {media}, which its name does not say: see whether it is whole and rightly named"
                ),
            ),
            Self::Picture(media) => Bilingual::new(
                format!("图片无法解码（{media}），请用图像软件打开并重新导出"),
                format!(
                    "the picture ({media}) cannot be decoded: open it in an editor and export it again"
                ),
            ),
            Self::TooManyPoints { width, height } => Bilingual::new(
                format!(
                    "图片为 {width}×{height}，超过上限（{} 万像素，单边 {}），请缩小后再传",
                    super::picture::MOST_POINTS / 10_000,
                    super::picture::MOST_SIDE
                ),
                format!(
                    "the picture has {width}×{height} points, more than {} million or {} on one side: make it smaller",
                    super::picture::MOST_POINTS / 1_000_000,
                    super::picture::MOST_SIDE
                ),
            ),
            Self::Package => Bilingual::new(
                "压缩包或办公文档已损坏，无法读取，请重新导出",
                "the archive or office file is damaged and cannot be read: export it again",
            ),
            Self::Bomb => Bilingual::new(
                "解压后远大于文件本身，疑似压缩炸弹，不予接收；请减少内容或拆分",
                "it unpacks to far more than it is, as archives made to burst do: put less into it, or split it",
            ),
            Self::TooManyEntries => Bilingual::new(
                format!("压缩包内文件超过 {} 个，请拆分", super::package::MOST_ENTRIES),
                format!(
                    "the archive has more than {} entries: split it",
                    super::package::MOST_ENTRIES
                ),
            ),
            Self::Escapes => Bilingual::new(
                "压缩包内的文件名指向包外（如 ../），不予接收",
                "names in the archive lead out of it (../ and the like)",
            ),
            Self::Macros => Bilingual::new(
                "文件含宏或可执行程序，不予接收；请去除宏后另存为 docx、xlsx 或 pptx",
                "the file holds macros or programs: save it without them, as docx, xlsx or pptx",
            ),
            Self::Encrypted => Bilingual::new(
                "文件设有密码，公众无法打开，请去除密码后再传",
                "the file can only be opened with a password: remove it and send it again",
            ),
            Self::Unreadable(reason) => Bilingual::new(
                format!("文件无法读取：{reason}"),
                format!("the file cannot be read: {reason}"),
            ),
        }
    }
}

impl From<io::Error> for FileRefusal {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Whether a file may be called `name`: no way out of a folder, nothing that cannot be shown.
pub(super) fn plain_name(name: &str) -> Result<(), FileRefusal> {
    let is_plain = !name.trim().is_empty()
        && name.chars().count() <= 200
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control)
        && !matches!(name, "." | "..");
    if is_plain { Ok(()) } else { Err(FileRefusal::Name) }
}
