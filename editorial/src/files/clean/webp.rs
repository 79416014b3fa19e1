//! WebP (RFC 9649): chunks in a RIFF container, one of which says which others there are.

use super::{orientation, take};

/// Bits of the first byte of `VP8X`.
const PROFILE: u8 = 0x20;
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body(bytes)?;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (name, data) = next(&mut rest)?;
        match name {
            b"VP8X" => {
                let mut header = data.to_vec();
                *header.first_mut()? &= !(EXIF | XMP);
                chunk(&mut out, name, &header)?;
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => chunk(&mut out, name, data)?,
            b"ANMF" => chunk(&mut out, name, &frame(data)?)?,
            b"EXIF" => {
                if let Some(block) = orientation(data.strip_prefix(b"Exif\0\0").unwrap_or(data)) {
                    // Only a file that begins with `VP8X` may hold one.
                    *out.get_mut(8).filter(|_| bytes.get(12..16) == Some(b"VP8X"))? |= EXIF;
                    chunk(&mut out, name, &block)?;
                }
            }
            _ => {}
        }
    }
    riff(&out)
}

/// `webp` with the meaning of its colours.
pub(in super::super) fn with_profile(
    webp: &[u8],
    profile: &[u8],
    (width, height): (u32, u32),
) -> Option<Vec<u8>> {
    let mut rest = body(webp)?;
    let (mut drawn, mut alpha) = (Vec::new(), 0);
    while !rest.is_empty() {
        let (name, data) = next(&mut rest)?;
        match name {
            b"VP8X" => alpha |= data.first()? & ALPHA,
            _ => chunk(&mut drawn, name, data)?,
        }
    }
    let mut header = vec![PROFILE | alpha, 0, 0, 0];
    for side in [width, height] {
        header.extend(side.checked_sub(1)?.to_le_bytes().get(..3)?);
    }
    let mut out = Vec::new();
    chunk(&mut out, b"VP8X", &header)?;
    chunk(&mut out, b"ICCP", profile)?;
    out.extend(drawn);
    riff(&out)
}

/// What stands in the container; what comes after it is none of the picture.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(b"RIFF")?;
    let length = u32::from_le_bytes(take(&mut rest, 4)?.try_into().ok()?);
    rest.get(..usize::try_from(length).ok()?)?.strip_prefix(b"WEBP")
}

fn next<'b>(rest: &mut &'b [u8]) -> Option<(&'b [u8; 4], &'b [u8])> {
    let name = take(rest, 4)?.try_into().ok()?;
    let length = u32::from_le_bytes(take(rest, 4)?.try_into().ok()?);
    let length = usize::try_from(length).ok()?;
    let data = take(rest, length)?;
    if length % 2 == 1 && !rest.is_empty() {
        take(rest, 1)?;
    }
    Some((name, data))
}

/// A frame of a moving picture: where and how long, then chunks of its own.
fn frame(data: &[u8]) -> Option<Vec<u8>> {
    let mut rest = data;
    let mut out = take(&mut rest, 16)?.to_vec();
    while !rest.is_empty() {
        let (name, data) = next(&mut rest)?;
        if matches!(name, b"VP8 " | b"VP8L" | b"ALPH") {
            chunk(&mut out, name, data)?;
        }
    }
    Some(out)
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) -> Option<()> {
    out.extend(name);
    out.extend(u32::try_from(data.len()).ok()?.to_le_bytes());
    out.extend(data);
    out.extend((data.len() % 2 == 1).then_some(0));
    Some(())
}

fn riff(chunks: &[u8]) -> Option<Vec<u8>> {
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(chunks.len() + 4).ok()?.to_le_bytes());
    out.extend(b"WEBP");
    out.extend(chunks);
    Some(out)
}
