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

/// How an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::content) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// As HTTP names it.
    pub(in crate::content) const fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        })
    }
}

/// The short forms of one answer.
#[derive(Debug, Default)]
pub(super) struct Packed {
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl Packed {
    /// `body` in a short form, if that is worth it.
    pub(super) fn of(&self, body: &Bytes, coding: Coding) -> Option<Bytes> {
        if !(WORTH_IT..=LONGEST).contains(&body.len()) {
            return None;
        }
        let packed = match coding {
            Coding::Brotli => self.brotli.get_or_init(|| brotli(body)),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(body)),
        };
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
