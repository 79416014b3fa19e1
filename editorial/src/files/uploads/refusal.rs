//! Why an upload does not go on, in words that say what to do.

use schema::message::Bilingual;

/// An upload that does not begin, or does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadRefusal {
    /// The file is to be, or comes to be, longer than is taken.
    TooLong {
        /// What would have been accepted, in bytes.
        limit: u64,
    },
    /// Its sender has as many uploads under way, or as many bytes in them, as may be.
    TooMany,
    /// What was sent does not begin where the safe bytes end.
    WrongOffset {
        /// Where they end.
        received: u64,
    },
    /// Somebody else began to write to it meanwhile.
    Overtaken,
    /// What was sent is not what its checksum says.
    WrongChecksum,
    /// It is made of more pieces than are kept for one.
    TooManyPieces,
    /// Parts that were to be sent straight to the store are not there, or not as long as they
    /// were to be.
    PartsMissing(Vec<u32>),
    /// Nobody but the hub reaches the file store.
    NotDirect,
}

impl UploadRefusal {
    /// Stable code, snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "upload_too_long",
            Self::TooMany => "too_many_uploads",
            Self::WrongOffset { .. } => "wrong_offset",
            Self::Overtaken => "upload_overtaken",
            Self::WrongChecksum => "wrong_checksum",
            Self::TooManyPieces => "too_many_pieces",
            Self::PartsMissing(_) => "parts_missing",
            Self::NotDirect => "no_direct_uploads",
        }
    }

    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        match self {
            Self::TooLong { limit } => Bilingual::new(
                format!("文件超过上限（{limit} 字节），请压缩或拆分后再传"),
                format!("the file is longer than {limit} bytes: compress or split it"),
            ),
            Self::TooMany => Bilingual::new(
                "未完成的上传过多，请先完成或取消已有的上传",
                "too many uploads are under way: finish or cancel some of them first",
            ),
            Self::WrongOffset { received } => Bilingual::new(
                format!("已收到 {received} 字节，请从此处续传"),
                format!("{received} bytes have arrived: go on from there"),
            ),
            Self::Overtaken => Bilingual::new(
                "同一上传另有新的请求在写入，请查询进度后续传",
                "a later request writes to this upload: ask how far it is and go on from there",
            ),
            Self::WrongChecksum => Bilingual::new(
                "收到的数据与校验值不符，未保存，请重传这一段",
                "what arrived is not what its checksum says, and was not kept: send it again",
            ),
            Self::TooManyPieces => Bilingual::new(
                "分段过多，请取消后以更大的分段重新上传",
                "it comes in too many pieces: cancel it and send larger ones",
            ),
            Self::PartsMissing(parts) => {
                let numbers: Vec<_> = parts.iter().take(20).map(u32::to_string).collect();
                Bilingual::new(
                    format!("以下分段未传或长度不符：{}", numbers.join("、")),
                    format!(
                        "these parts are missing or not as long as signed: {}",
                        numbers.join(", ")
                    ),
                )
            }
            Self::NotDirect => Bilingual::new(
                "文件存放在本机，不能直传，请使用断点续传（POST /manage/uploads）",
                "files are kept in a folder here, which nobody can send to: use the resumable upload (POST /manage/uploads)",
            ),
        }
    }
}
