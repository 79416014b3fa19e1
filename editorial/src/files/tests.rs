//! Files made to do harm, and photographs that say more than they show.

use std::io::{Cursor, Write as _};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use schema::media::Media;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{FileRefusal, Format, Wanted, clean, examine, render};

/// What a camera writes: a place, a maker, and that it was held on its side (6).
const EXIF: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\x02\0\
    \x0f\x01\x02\0\x04\0\0\0CAM\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 39.9N 116.4E";

fn look(bytes: &[u8], name: Option<&str>) -> Result<super::Examined, FileRefusal> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("it is written");
    examine(file.path(), name)
}

fn refused(bytes: &[u8], name: Option<&str>) -> &'static str {
    look(bytes, name).expect_err("it is refused").code()
}

fn media(bytes: &[u8]) -> &'static str {
    look(bytes, None).expect("it is taken in").media.name
}

/// Left half red, right half blue.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([250, 5, 5]) } else { Rgb([5, 5, 250]) }
    })
}

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).expect("it is written");
    bytes.into_inner()
}

/// A JPEG as a telephone writes it: a segment of EXIF, one of XMP, a comment, a film at the end.
fn photograph() -> Vec<u8> {
    let plain = written(picture(64, 32), ImageFormat::Jpeg);
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
        [&[0xff, marker], &length[..], body].concat()
    };
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>39.9N</x:xmpmeta>";
    let parts = [
        plain[..2].to_vec(),
        segment(0xe1, EXIF),
        segment(0xe1, xmp),
        segment(0xed, b"Photoshop 3.0\x008BIM by somebody"),
        segment(0xfe, b"taken at 39.9N"),
        plain[2..].to_vec(),
        b"ftypmp42 a film of 39.9N".to_vec(),
    ];
    parts.concat()
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, body) in entries {
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(body).expect("it is written");
    }
    writer.finish().expect("it is finished").into_inner()
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn a_file_is_what_its_bytes_say() {
    let docx = archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]);
    let odt = archive(&[("mimetype", b"application/vnd.oasis.opendocument.text")]);

    assert_eq!(media(b"%PDF-1.7\n1 0 obj\n"), "application/pdf");
    assert_eq!(media("关于印发".as_bytes()), "text/plain");
    assert_eq!(media(&docx).rsplit('.').next(), Some("document"));
    assert_eq!(media(&odt), "application/vnd.oasis.opendocument.text");
    assert_eq!(media(&archive(&[("OFD.xml", b"<ofd/>")])), "application/ofd");
    assert_eq!(media(&archive(&[("a.txt", b"a")])), "application/zip");
    for captions in ["WEBVTT", "\u{feff}WEBVTT 会\n", "WEBVTT\r\n\r\n"] {
        assert_eq!(media(captions.as_bytes()), "text/vtt");
        assert_eq!(
            look(captions.as_bytes(), Some("a.txt")).expect("a text").media.name,
            "text/vtt"
        );
    }
    assert_eq!(media(b"WEBVTTS are texts"), "text/plain");
    assert_eq!(refused(b"00:00.000 --> 00:01.000", Some("a.vtt")), "file_type_differs");
    assert_eq!(media(b"WEBVTT\n\n00:00.000 --> 00:01.000\n\xe5\xa5\xbd\n"), "text/vtt");
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let examined = look(&written(picture(9, 5), format), None).expect("it is taken in");
        assert_eq!(examined.media.name, format.to_mime_type());
        assert_eq!(examined.points, Some((9, 5)));
        assert_eq!(examined.cleaned, None, "there was nothing to clean: {format:?}");
    }
}

#[test]
fn what_runs_in_a_browser_or_on_a_desk_is_refused() {
    for (bytes, code) in [
        (&b"<!DOCTYPE html><script>alert(1)</script>"[..], "file_has_markup"),
        (
            b"\xef\xbb\xbf\n <svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>",
            "file_has_markup",
        ),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "file_has_markup"),
        (b"#!/bin/sh\nrm -rf /\n", "file_has_markup"),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "file_type_unknown"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "file_type_unknown"),
        (b"\0\x01\x02", "file_type_unknown"),
        (b"\xb9\xd8\xd3\xda\xd3\xa1\xb7\xa2", "file_not_utf8"),
    ] {
        for name in [None, Some("图.png"), Some("a.txt")] {
            assert_eq!(refused(bytes, name), code, "{bytes:?} {name:?}");
        }
    }
    assert_eq!(refused(b"%PDF-1.7", Some("a.exe")), "file_type_differs");
    assert_eq!(refused("名单".as_bytes(), Some("a.html")), "file_type_differs");
    assert_eq!(
        refused(&written(picture(2, 2), ImageFormat::Png), Some("a.jpg")),
        "file_type_differs"
    );
}

#[test]
fn a_picture_that_only_begins_as_one_is_refused() {
    let png = written(picture(40, 40), ImageFormat::Png);
    let jpeg = written(picture(40, 40), ImageFormat::Jpeg);
    for bytes in [
        &b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"[..],
        &png[..png.len() / 2],
        &jpeg[..jpeg.len() / 2],
        b"GIF89a<script>alert(1)</script>",
        b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0aaaa",
    ] {
        assert_eq!(refused(bytes, None), "picture_damaged", "{:?}", &bytes[..8]);
    }
}

#[test]
fn a_picture_of_more_points_than_can_be_held_is_refused_before_it_is_decoded() {
    let mut png = written(picture(1, 1), ImageFormat::Png);
    // Width and height in its header, and the checksum over them.
    png[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let mut checksum = flate2::Crc::new();
    checksum.update(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.sum().to_be_bytes());

    let refused = look(&png, None).expect_err("it is refused");

    assert_eq!(refused, FileRefusal::TooManyPoints { width: 65_536, height: 65_536 });
}

#[test]
fn a_package_that_bursts_is_refused() {
    let zeros = vec![0; 65 << 20];
    let many: Vec<(String, &[u8])> = (0..10_001).map(|at| (at.to_string(), &b""[..])).collect();
    let many: Vec<_> = many.iter().map(|(name, body)| (name.as_str(), *body)).collect();
    let as_office = [("[Content_Types].xml", &b"<Types/>"[..]), ("word/document.xml", &zeros)];

    assert_eq!(refused(&archive(&[("a", &zeros)]), None), "package_bursts");
    assert_eq!(refused(&archive(&as_office), Some("通知.docx")), "package_bursts");
    assert_eq!(refused(&archive(&many), None), "package_too_many_entries");
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let mut bytes = archive(&[("a", b"aaaa"), ("b", b"bbbb")]);
    // The second row of the directory is made to point to the bytes of the first.
    let row = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a row");
    bytes[row + 42..row + 46].fill(0);

    assert_eq!(refused(&bytes, None), "package_bursts");
}

#[test]
fn packages_that_lead_out_run_or_lock_are_refused() {
    for (name, code) in [
        ("../../etc/cron.d/a", "package_escapes"),
        ("/etc/passwd", "package_escapes"),
        ("..\\a.txt", "package_escapes"),
        ("C:\\a.txt", "package_escapes"),
        ("word/vbaProject.bin", "file_has_macros"),
        ("安装.EXE", "file_has_macros"),
    ] {
        let bytes = archive(&[("[Content_Types].xml", b"<Types/>"), (name, b"a")]);
        assert_eq!(refused(&bytes, None), code, "{name}");
    }
    let whole = archive(&[("a.txt", b"aaaa")]);
    assert_eq!(refused(&whole[..whole.len() - 30], None), "package_damaged");
    let mut sealed = whole;
    // The flag of encryption, in the entry and in the directory.
    sealed[6] |= 1;
    let row = sealed.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a row");
    sealed[row + 8] |= 1;
    assert_eq!(refused(&sealed, None), "package_encrypted");
}

#[test]
fn office_files_of_old_are_told_by_name_and_refused_with_macros() {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(1024, 0);
    assert_eq!(
        look(&bytes, Some("预算.xls")).expect("taken in").media.name,
        "application/vnd.ms-excel"
    );
    assert_eq!(
        look(&bytes, Some("通知.wps")).expect("taken in").media.name,
        "application/vnd.ms-works"
    );
    assert_eq!(refused(&bytes, Some("通知.docx")), "file_type_differs");

    let name: Vec<u8> = "VBA".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes[512..512 + name.len()].copy_from_slice(&name);
    bytes[512 + 64] = 8;
    bytes[512 + 66] = 1;
    assert_eq!(refused(&bytes, Some("预算.xls")), "file_has_macros");
}

#[test]
fn a_photograph_is_kept_without_where_it_was_taken_and_stands_upright() {
    let given = photograph();
    let examined = look(&given, Some("桥.jpg")).expect("it is taken in");

    let kept = examined.cleaned.expect("it was cleaned");
    for secret in [&b"39.9N"[..], b"CAM", b"xmp", b"8BIM", b"ftyp"] {
        assert!(has(&given, secret) && !has(&kept, secret), "{}", String::from_utf8_lossy(secret));
    }
    assert_eq!(examined.points, Some((32, 64)), "held on its side");
    let again = look(&kept, Some("桥.jpg")).expect("it is taken in");
    assert_eq!((again.cleaned, again.points), (None, Some((32, 64))), "cleaning is done once");
    let before = image::load_from_memory(&given).expect("it decodes");
    let after = image::load_from_memory(&kept).expect("it decodes");
    assert!(before == after, "no point has changed");
}

#[test]
fn other_pictures_are_cleaned_too() {
    let png = written(picture(8, 4), ImageFormat::Png);
    let noted = {
        let mut out = png[..33].to_vec();
        for (name, data) in [(b"tEXt", &b"Comment\x0039.9N"[..]), (b"eXIf", &EXIF[6..])] {
            let mut checksum = flate2::Crc::new();
            checksum.update(name);
            checksum.update(data);
            out.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
            out.extend(name);
            out.extend(data);
            out.extend(checksum.sum().to_be_bytes());
        }
        [out, png[33..].to_vec(), b"39.9N".to_vec()].concat()
    };
    let webp = written(picture(8, 4), ImageFormat::WebP);
    let located = {
        let chunk = |name: &[u8], data: &[u8]| {
            let length = u32::try_from(data.len()).expect("short").to_le_bytes();
            [name, &length[..], data, &[0][..data.len() % 2]].concat()
        };
        let header = chunk(b"VP8X", &[0x0c, 0, 0, 0, 7, 0, 0, 3, 0, 0]);
        let body = [
            b"WEBP".to_vec(),
            header,
            webp[12..].to_vec(),
            chunk(b"EXIF", &EXIF[6..]),
            chunk(b"XMP ", b"<x>39.9N</x>"),
        ]
        .concat();
        let length = u32::try_from(body.len()).expect("short").to_le_bytes();
        [b"RIFF".to_vec(), length.to_vec(), body, b"39.9N".to_vec()].concat()
    };
    let gif = written(picture(8, 4), ImageFormat::Gif);
    let commented = {
        let end = gif.len() - 1;
        [
            &gif[..end],
            b"\x21\xfe\x0539.9N\0",
            b"\x21\xff\x0bXMP DataXMP\x0539.9N\0",
            b"\x3b",
            b"39.9N",
        ]
        .concat()
    };
    for (given, points) in [(noted, (4, 8)), (located, (4, 8)), (commented, (8, 4))] {
        let examined = look(&given, None).expect("it is taken in");
        let kept = examined.cleaned.expect("it was cleaned");
        assert!(has(&given, b"39.9N") && !has(&kept, b"39.9N"), "{}", examined.media.name);
        assert_eq!(examined.points, Some(points), "{}", examined.media.name);
        let again = look(&kept, None).expect("it is taken in");
        assert_eq!((again.cleaned, again.points), (None, Some(points)), "{}", examined.media.name);
    }
}

proptest::proptest! {
    #[test]
    fn whatever_comes_after_a_good_start_nothing_panics(
        format in 0..4_usize,
        at in 0..400_usize,
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
    ) {
        let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
        let mut picture = written(picture(8, 4), formats[format]);
        let at = at.min(picture.len());
        let end = (at + bytes.len()).min(picture.len());
        picture.splice(at..end, bytes);
        if let Some(media) = Media::of(formats[format].to_mime_type())
            && let Some(kept) = clean::clean(media, &picture)
        {
            let again = clean::clean(media, &kept);
            proptest::prop_assert_eq!(again.as_deref(), Some(kept.as_slice()));
        }
        let _ = look(&picture, None);
    }
}

#[test]
fn a_rendition_shows_the_picture_upright_small_and_cut_around_its_focal_point() {
    let jpeg = Media::of("image/jpeg").expect("it is kept");
    let kept = look(&photograph(), None).expect("it is taken in").cleaned.expect("cleaned");
    let flat = written(picture(640, 320), ImageFormat::Jpeg);
    let wanted = |width, height, format, focal_point| Wanted { width, height, format, focal_point };
    for format in Format::ALL {
        let upright = render(jpeg, &kept, &wanted(Some(160), None, format, None)).expect("made");
        let upright = image::load_from_memory(&upright).expect("it decodes").to_rgb8();
        assert_eq!(upright.dimensions(), (32, 64), "{format:?}");
        assert!(upright[(16, 4)][0] > 200 && upright[(16, 60)][2] > 200, "{format:?}");

        let cut = wanted(Some(160), Some(160), format, Some((100, 50)));
        let cut = render(jpeg, &flat, &cut).expect("made");
        let cut = image::load_from_memory(&cut).expect("it decodes").to_rgb8();
        assert_eq!(cut.dimensions(), (160, 160), "{format:?}");
        assert!(cut[(8, 80)][2] > 200 && cut[(8, 80)][0] < 60, "{format:?}: the blue half");
    }
}

#[test]
fn what_is_seen_through_stays_so_or_becomes_white() {
    let clear = RgbaImage::from_pixel(320, 320, Rgba([200, 0, 0, 0]));
    let png = Media::of("image/png").expect("it is kept");
    let bytes = written(clear, ImageFormat::Png);
    let point = |format| {
        let wanted = Wanted { width: Some(160), height: None, format, focal_point: None };
        let made = render(png, &bytes, &wanted).expect("made");
        image::load_from_memory(&made).expect("it decodes").to_rgba8()[(80, 80)].0
    };

    assert_eq!(point(Format::Png)[3], 0);
    assert_eq!(point(Format::WebP)[3], 0);
    assert!(point(Format::Jpeg).iter().all(|value| *value > 250));
}

#[test]
fn what_colours_mean_goes_along() {
    let profile = b"a profile of colours".to_vec();
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::set_icc_profile(&mut encoder, profile.clone()).expect("it is taken");
    picture(320, 160).write_with_encoder(encoder).expect("it is written");
    let png = Media::of("image/png").expect("it is kept");
    for format in Format::ALL {
        let wanted = Wanted { width: Some(160), height: None, format, focal_point: None };
        let made = render(png, bytes.get_ref(), &wanted).expect("made");
        let media = Media::of(format.media_type()).expect("it is kept");
        let decoded = super::picture::decode(media, &made).expect("it decodes");
        assert_eq!(decoded.profile, Some(profile.clone()), "{format:?}");
    }
}
