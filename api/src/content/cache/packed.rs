//! The short forms of a kept answer, each made once, when somebody first asks for it.

use std::{io::Write as _, sync::OnceLock};

use axum::http::HeaderValue;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// Shorter than one packet is short enough.
const WORTH_IT: usize = 1_000;
/// Longer ones are compressed while they are sent, so that nobody waits for their end.
const LONGEST: usize = 256 << 10;
/// Well above the quickest: it is done once.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW: u32 = 18;
/// About as long as brotli's form, and as quick to make.
const ZSTD_LEVEL: i32 = 9;

/// How an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::content) enum Coding {
    Brotli,
    Zstd,
    Gzip,
}

impl Coding {
    /// As HTTP names it.
    pub(in crate::content) const fn word(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The same as the value of a header.
    pub(in crate::content) const fn name(self) -> HeaderValue {
        HeaderValue::from_static(self.word())
    }

    /// Among [`Coding::ALL`].
    pub(super) const fn place(self) -> usize {
        match self {
            Self::Brotli => 0,
            Self::Zstd => 1,
            Self::Gzip => 2,
        }
    }

    /// All of them, the shortest first.
    pub(in crate::content) const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];
}

/// The short forms of one answer.
#[derive(Debug, Default)]
pub(super) struct Packed([OnceLock<Option<Bytes>>; 3]);

impl Packed {
    /// `body` in a short form, if that is worth it.
    pub(super) fn of(&self, body: &Bytes, coding: Coding) -> Option<Bytes> {
        if !(WORTH_IT..=LONGEST).contains(&body.len()) {
            return None;
        }
        let packed = self.0[coding.place()].get_or_init(|| match coding {
            Coding::Brotli => brotli(body),
            Coding::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL).ok().map(Bytes::from),
            Coding::Gzip => gzip(body),
        });
        packed.clone()
    }
}

fn brotli(body: &[u8]) -> Option<Bytes> {
    let mut packed = Vec::with_capacity(body.len() / 2);
    let mut writer =
        brotli::CompressorWriter::new(&mut packed, 4 << 10, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(body).ok()?;
    drop(writer);
    Some(packed.into())
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut writer = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::default());
    writer.write_all(body).ok()?;
    Some(writer.finish().ok()?.into())
}
