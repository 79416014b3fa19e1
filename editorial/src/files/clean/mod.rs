//! Pictures without what is written beside them: where and when a photograph was taken, with which
//! camera, who sat at the program, the picture before it was cut, a film hidden at the end.
//!
//! Points are not touched: segments and chunks that are not needed to show the picture are left
//! out, by a list of those that are. Which way up it is stays, in a block of its own.

mod gif;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;
use schema::media::Media;

pub(super) use webp::with_profile;

/// The picture without anything beside it; `None` when it is not built as it should be.
pub(super) fn clean(media: &Media, bytes: &[u8]) -> Option<Vec<u8>> {
    match media.name {
        "image/jpeg" => jpeg::clean(bytes),
        "image/png" => png::clean(bytes),
        "image/webp" => webp::clean(bytes),
        "image/gif" => gif::clean(bytes),
        _ => None,
    }
}

/// What is left of a block of EXIF: which way up the picture is, unless it is so already.
fn orientation(exif: &[u8]) -> Option<Vec<u8>> {
    let orientation = Orientation::from_exif_chunk(exif)?.to_exif();
    (orientation != 1).then(|| {
        let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        block
    })
}

/// The next `count` bytes, which are taken off.
fn take<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}
