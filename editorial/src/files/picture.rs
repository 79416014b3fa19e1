//! Pictures decoded under limits, few at a time: a file of a kilobyte can claim to be a picture of
//! gigabytes.

use std::{
    io::Cursor,
    num::NonZero,
    sync::{Condvar, Mutex, PoisonError},
    thread::available_parallelism,
};

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits,
    metadata::Orientation,
};
use schema::media::Media;

use super::FileRefusal;

/// Points on one side.
pub(super) const MOST_SIDE: u32 = 32_768;
/// Points of a picture.
pub(super) const MOST_POINTS: u64 = 64_000_000;
/// Bytes that decoding one picture may take.
const MOST_MEMORY: u64 = 320 << 20;
/// Pictures decoded at once, at the most, however many processors there are.
const MOST_AT_ONCE: usize = 4;

/// A picture in memory, the right way up.
pub(super) struct Decoded {
    pub(super) image: DynamicImage,
    /// What its colours mean, where it says so.
    pub(super) profile: Option<Vec<u8>>,
}

/// Width and height as shown, once the whole picture was decoded.
pub(super) fn look(media: &Media, bytes: &[u8]) -> Result<(u32, u32), FileRefusal> {
    with_room(|| {
        let Decoded { image, .. } = decode(media, bytes)?;
        Ok((image.width(), image.height()))
    })
}

/// Does `work`, which decodes, when there is room for it. Blocks until then.
pub(super) fn with_room<T>(work: impl FnOnce() -> T) -> T {
    static AT_WORK: Mutex<usize> = Mutex::new(0);
    static DONE: Condvar = Condvar::new();

    struct Place;
    impl Drop for Place {
        fn drop(&mut self) {
            *AT_WORK.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
            DONE.notify_one();
        }
    }

    let most = at_once();
    let at_work = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
    let mut at_work = DONE
        .wait_while(at_work, |at_work| *at_work >= most)
        .unwrap_or_else(PoisonError::into_inner);
    *at_work += 1;
    drop(at_work);
    let _place = Place;
    work()
}

/// How many pictures are decoded at once.
pub fn at_once() -> usize {
    available_parallelism().map_or(1, NonZero::get).clamp(1, MOST_AT_ONCE)
}

/// The picture, the right way up; of a moving one its first frame.
pub(super) fn decode(media: &Media, bytes: &[u8]) -> Result<Decoded, FileRefusal> {
    let format = ImageFormat::from_mime_type(media.name).ok_or(FileRefusal::Kind(None))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let damaged = |_: ImageError| FileRefusal::Picture(media.name);

    let mut decoder = {
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        // The decoder's own refusal names no size.
        reader.no_limits();
        reader.into_decoder().map_err(damaged)?
    };
    let (width, height) = decoder.dimensions();
    let is_too_large = width.max(height) > MOST_SIDE
        || u64::from(width) * u64::from(height) > MOST_POINTS
        || decoder.total_bytes() > MOST_MEMORY;
    if is_too_large {
        return Err(FileRefusal::TooManyPoints { width, height });
    }
    let limited = decoder.set_limits(limits);
    limited.map_err(|_| FileRefusal::TooManyPoints { width, height })?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        ImageError::Limits(_) => FileRefusal::TooManyPoints { width, height },
        error => damaged(error),
    })?;
    image.apply_orientation(orientation);
    Ok(Decoded { image, profile })
}
