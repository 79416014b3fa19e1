//! GIF89a: blocks, some of them for programs and for people.

use super::take;

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes;
    let header = take(&mut rest, 13)?;
    if !matches!(header.get(..6)?, b"GIF87a" | b"GIF89a") {
        return None;
    }
    let mut out = header.to_vec();
    out.extend(take(&mut rest, table(header[10]))?);
    loop {
        let whole = rest;
        let start = take(&mut rest, 1)?;
        let is_kept = match start {
            // What comes after the end is none of the picture.
            b"\x3b" => {
                out.extend(start);
                return Some(out);
            }
            b"\x2c" => {
                let place = take(&mut rest, 9)?;
                take(&mut rest, table(place[8]))?;
                take(&mut rest, 1)?;
                blocks(&mut rest)?;
                true
            }
            b"\x21" => {
                let label = take(&mut rest, 1)?;
                let first = rest;
                blocks(&mut rest)?;
                let is_motion = |name: &[u8]| first.get(1..12) == Some(name);
                match label {
                    b"\xf9" | b"\x01" => true,
                    b"\xff" => is_motion(b"NETSCAPE2.0") || is_motion(b"ANIMEXTS1.0"),
                    _ => false,
                }
            }
            _ => return None,
        };
        if is_kept {
            out.extend(&whole[..whole.len() - rest.len()]);
        }
    }
}

/// Bytes of the table of colours that the flags speak of.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Takes blocks off, up to the empty one.
fn blocks(rest: &mut &[u8]) -> Option<()> {
    loop {
        let length = take(rest, 1)?[0];
        if length == 0 {
            return Some(());
        }
        take(rest, usize::from(length))?;
    }
}
