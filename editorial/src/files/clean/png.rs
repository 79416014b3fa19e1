//! PNG (third edition): chunks with a length, a name, data and a checksum.

use flate2::Crc;

use super::{orientation, take};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What draws the picture and says what its colours and its size mean.
const KEPT: [&[u8; 4]; 17] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV",
    b"cLLI", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut out = SIGNATURE.to_vec();
    loop {
        let whole = rest;
        let length = u32::from_be_bytes(take(&mut rest, 4)?.try_into().ok()?);
        let length = usize::try_from(length).ok()?;
        let name: &[u8; 4] = take(&mut rest, 4)?.try_into().ok()?;
        let data = take(&mut rest, length)?;
        take(&mut rest, 4)?;
        let whole = whole.get(..length + 12)?;
        match name {
            // What comes after the end is none of the picture.
            b"IEND" => {
                out.extend(whole);
                return Some(out);
            }
            b"eXIf" => {
                if let Some(block) = orientation(data) {
                    chunk(&mut out, name, &block)?;
                }
            }
            name if KEPT.contains(&name) => out.extend(whole),
            // A capital letter says that the picture cannot be shown without it.
            name if name[0].is_ascii_uppercase() => return None,
            _ => {}
        }
    }
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) -> Option<()> {
    out.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    out.extend(name);
    out.extend(data);
    let mut checksum = Crc::new();
    checksum.update(name);
    checksum.update(data);
    out.extend(checksum.sum().to_be_bytes());
    Some(())
}
