//! Renditions: pictures in the sizes and formats that pages ask for, made from the original.
//!
//! Sides come from one short list, so that a stranger cannot have endless sizes computed; nothing
//! is made larger than it is. A picture that is cut keeps its focal point in sight.

use std::io::Cursor;

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image as Plane,
};
use image::{
    DynamicImage, ExtendedColorType, ImageEncoder as _,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use schema::media::Media;
use webp::PixelLayout;

use super::{
    FileRefusal,
    clean::with_profile,
    picture::{self, Decoded},
};

/// Points that a side may be asked for.
pub const SIDES: [u32; 10] = [160, 320, 480, 640, 800, 960, 1280, 1600, 1920, 2560];
/// How renditions are made. Another number where they come out otherwise: those that are kept
/// are then made anew.
const RECIPE: u32 = 1;
const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 80.0;
/// The middle, where nobody said what matters.
const MIDDLE: (u8, u8) = (50, 50);

/// What a rendition is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Smallest for photographs; every browser of today shows it.
    WebP,
    /// For what shows nothing else.
    Jpeg,
    /// For drawings and text, without loss.
    Png,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::WebP, Self::Jpeg, Self::Png];

    /// Its name in addresses, which is how its files end too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The format that a picture keeps when none is asked for.
    pub fn of(media: &Media) -> Self {
        match media.name {
            "image/jpeg" => Self::Jpeg,
            "image/webp" => Self::WebP,
            _ => Self::Png,
        }
    }
}

/// A rendition that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Points across, at the most.
    pub width: Option<u32>,
    /// Points down, at the most. With a width it is cut to that shape.
    pub height: Option<u32>,
    /// What it is written as.
    pub format: Format,
    /// The point that stays in sight when it is cut, in percent from the left and from the top.
    pub focal_point: Option<(u8, u8)>,
}

impl Wanted {
    /// What it is called beside the original: the same for all that come out alike.
    pub fn name(&self) -> String {
        let side = |side: Option<u32>| side.map_or("-".into(), |side| side.to_string());
        let focal = match (self.width, self.height, self.focal_point.unwrap_or(MIDDLE)) {
            (Some(_), Some(_), (x, y)) => format!("-f{x}-{y}"),
            _ => String::new(),
        };
        let (width, height) = (side(self.width), side(self.height));
        format!("r{RECIPE}-w{width}-h{height}{focal}.{}", self.format.name())
    }
}

/// Makes a rendition of a picture that passed the door. Blocks, for a large one for a second.
///
/// # Errors
/// [`FileRefusal`] when it cannot be decoded after all.
pub fn render(media: &Media, original: &[u8], wanted: &Wanted) -> Result<Vec<u8>, FileRefusal> {
    let damaged = || FileRefusal::Picture(media.name);
    picture::with_room(|| {
        let Decoded { image, profile } = picture::decode(media, original)?;
        let frame = Frame::of((image.width(), image.height()), wanted);
        let scaled = scaled(image, &frame).ok_or_else(damaged)?;
        encoded(&scaled, wanted.format, profile).ok_or_else(damaged)
    })
}

/// Which part of a picture is shown, and how large.
#[derive(Debug, PartialEq)]
struct Frame {
    /// Left, top, width, height of the part, in points of the original.
    part: (f64, f64, f64, f64),
    size: (u32, u32),
}

impl Frame {
    fn of((width, height): (u32, u32), wanted: &Wanted) -> Self {
        let (whole_width, whole_height) = (f64::from(width), f64::from(height));
        let rounded = |side: f64| (side.round() as u32).max(1);
        let whole = (0.0, 0.0, whole_width, whole_height);
        match (wanted.width.map(f64::from), wanted.height.map(f64::from)) {
            (Some(box_width), Some(box_height)) => {
                let shape = box_width / box_height;
                let part_width = whole_width.min(whole_height * shape);
                let part_height = whole_height.min(whole_width / shape);
                let (x, y) = wanted.focal_point.unwrap_or(MIDDLE);
                let start = |percent: u8, whole: f64, part: f64| {
                    (whole * f64::from(percent) / 100.0 - part / 2.0).clamp(0.0, whole - part)
                };
                let left = start(x, whole_width, part_width);
                let top = start(y, whole_height, part_height);
                let scale = (box_width / part_width).min(1.0);
                let size = (rounded(part_width * scale), rounded(part_height * scale));
                Self { part: (left, top, part_width, part_height), size }
            }
            (width, height) => {
                let across = width.map_or(1.0, |width| width / whole_width);
                let down = height.map_or(1.0, |height| height / whole_height);
                let scale = across.min(down).min(1.0);
                let size = (rounded(whole_width * scale), rounded(whole_height * scale));
                Self { part: whole, size }
            }
        }
    }
}

fn scaled(image: DynamicImage, frame: &Frame) -> Option<DynamicImage> {
    let (width, height) = (image.width(), image.height());
    let has_alpha = image.color().has_alpha();
    let (bytes, kind) = if has_alpha {
        (image.into_rgba8().into_raw(), PixelType::U8x4)
    } else {
        (image.into_rgb8().into_raw(), PixelType::U8x3)
    };
    let source = Plane::from_vec_u8(width, height, bytes, kind).ok()?;
    let mut scaled = Plane::new(frame.size.0, frame.size.1, kind);
    let (left, top, part_width, part_height) = frame.part;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(left, top, part_width, part_height);
    Resizer::new().resize(&source, &mut scaled, &options).ok()?;
    let (width, height) = frame.size;
    let bytes = scaled.into_vec();
    if has_alpha {
        image::RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from)
    } else {
        image::RgbImage::from_raw(width, height, bytes).map(DynamicImage::from)
    }
}

fn encoded(image: &DynamicImage, format: Format, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let size @ (width, height) = (image.width(), image.height());
    let mut out = Cursor::new(Vec::new());
    match format {
        Format::Jpeg => {
            let flat = on_white(image);
            let mut encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
            profile.and_then(|profile| encoder.set_icc_profile(profile).ok());
            encoder.write_image(&flat, width, height, ExtendedColorType::Rgb8).ok()?;
        }
        Format::Png => {
            let mut encoder = PngEncoder::new(&mut out);
            profile.and_then(|profile| encoder.set_icc_profile(profile).ok());
            let colour = image.color().into();
            encoder.write_image(image.as_bytes(), width, height, colour).ok()?;
        }
        Format::WebP => {
            let layout = match image.color().has_alpha() {
                true => PixelLayout::Rgba,
                false => PixelLayout::Rgb,
            };
            let encoder = webp::Encoder::new(image.as_bytes(), layout, width, height);
            let written = encoder.encode_simple(false, WEBP_QUALITY).ok()?;
            return match profile {
                Some(profile) => with_profile(&written, &profile, size),
                None => Some(written.to_vec()),
            };
        }
    }
    Some(out.into_inner())
}

/// What JPEG can hold: nothing is seen through.
fn on_white(image: &DynamicImage) -> Vec<u8> {
    let DynamicImage::ImageRgba8(image) = image else { return image.to_rgb8().into_raw() };
    let over_white = |point: &image::Rgba<u8>| {
        let [colour @ .., alpha] = point.0;
        colour.map(|value| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        })
    };
    image.pixels().flat_map(over_white).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(width: Option<u32>, height: Option<u32>, focal: Option<(u8, u8)>) -> Wanted {
        Wanted { width, height, format: Format::WebP, focal_point: focal }
    }

    #[test]
    fn nothing_is_made_larger_and_shapes_stay() {
        for (size, asked, expected) in [
            ((4000, 3000), (Some(800), None), (800, 600)),
            ((4000, 3000), (None, Some(480)), (640, 480)),
            ((300, 200), (Some(800), None), (300, 200)),
            ((4000, 3000), (Some(640), Some(640)), (640, 640)),
            ((300, 200), (Some(640), Some(640)), (200, 200)),
            ((10_000, 1), (Some(160), None), (160, 1)),
        ] {
            let frame = Frame::of(size, &wanted(asked.0, asked.1, None));
            assert_eq!(frame.size, expected, "{size:?} {asked:?}");
        }
    }

    #[test]
    fn what_matters_stays_in_sight() {
        let part = |focal| Frame::of((400, 100), &wanted(Some(160), Some(160), focal)).part;

        assert_eq!(part(None), (150.0, 0.0, 100.0, 100.0));
        assert_eq!(part(Some((0, 0))), (0.0, 0.0, 100.0, 100.0));
        assert_eq!(part(Some((100, 50))), (300.0, 0.0, 100.0, 100.0));
    }

    #[test]
    fn renditions_that_differ_have_different_names() {
        let name = |wanted: Wanted| wanted.name();

        assert_eq!(name(wanted(Some(800), None, None)), "r1-w800-h-.webp");
        assert_eq!(name(wanted(Some(800), None, Some((1, 2)))), "r1-w800-h-.webp");
        assert_eq!(name(wanted(Some(800), Some(480), Some((1, 2)))), "r1-w800-h480-f1-2.webp");
        assert!(store::files::RenditionName::new("r1-w800-h480-f1-2.webp").is_some());
    }
}
