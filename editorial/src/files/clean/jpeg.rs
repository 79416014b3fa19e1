//! JPEG (ITU-T T.81, annex B): segments until the scans, each with a marker and a length.

use super::{orientation, take};

const EXIF: &[u8] = b"Exif\0\0";

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let mut out = b"\xff\xd8".to_vec();
    let mut is_oriented = false;
    loop {
        let marker = marker(&mut rest)?;
        match marker {
            // What comes after the end is none of the picture: films, maps of brightness.
            0xd9 => {
                out.extend(b"\xff\xd9");
                return Some(out);
            }
            0x01 | 0xd0..=0xd7 => continue,
            0x00 | 0xd8 | 0xff => return None,
            _ => {}
        }
        let length = u16::from_be_bytes(take(&mut rest, 2)?.try_into().ok()?);
        let body = take(&mut rest, usize::from(length).checked_sub(2)?)?;
        if is_kept(marker, body) {
            segment(&mut out, marker, body)?;
        } else if let Some(exif) = body.strip_prefix(EXIF).filter(|_| marker == 0xe1)
            && let Some(block) = orientation(exif).filter(|_| !is_oriented)
        {
            is_oriented = true;
            segment(&mut out, marker, &[EXIF, &block].concat())?;
        }
        if marker == 0xda {
            let scan = scan(rest)?;
            out.extend(take(&mut rest, scan)?);
        }
    }
}

/// Of the segments of applications: the density, the meaning of the colours. All others but
/// comments draw the picture.
fn is_kept(marker: u8, body: &[u8]) -> bool {
    match marker {
        0xe0 => body.starts_with(b"JFIF\0"),
        0xe2 => body.starts_with(b"ICC_PROFILE\0"),
        0xee => body.starts_with(b"Adobe"),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

fn marker(rest: &mut &[u8]) -> Option<u8> {
    if take(rest, 1)? != b"\xff" {
        return None;
    }
    loop {
        match take(rest, 1)? {
            // Any number of these may stand before a marker.
            b"\xff" => {}
            marker => return marker.first().copied(),
        }
    }
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) -> Option<()> {
    let length = u16::try_from(body.len() + 2).ok()?;
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend(body);
    Some(())
}

/// How long the data of a scan is: up to the next marker that is neither part of the data nor a
/// restart.
fn scan(rest: &[u8]) -> Option<usize> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    rest.windows(2).position(is_end)
}
