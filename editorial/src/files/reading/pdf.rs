//! PDF: what its pages show, by the fonts that say which letters their glyphs are.
//!
//! The order is that of drawing, which is that of reading in what office programs and browsers
//! write. A scanned page has no text.

use std::{collections::BTreeMap, fs::File, io::Read as _};

use lopdf::{
    Dictionary, Document, Encoding, LoadOptions, Object, ObjectId, Stream, content::Content,
};

use super::{MOST_BYTES, Text};

/// Bytes that the streams of a file may unpack to, each.
const MOST_UNPACKED: usize = 64 << 20;
/// Pages that are read.
const MOST_PAGES: usize = 2_000;
/// How deep drawings are made of drawings.
const DEPTH: u8 = 4;
/// How far apart letters stand that belong to two words, in thousandths of their height.
const GAP: f32 = 200.0;

/// Reads `file`; `None` when it is no PDF that can be read.
pub(super) fn read(file: File, text: &mut Text<'_>) -> Option<()> {
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    let options = LoadOptions::with_max_decompressed_size(MOST_UNPACKED);
    let document = Document::load_mem_with_options(&bytes, options).ok()?;
    drop(bytes);
    for (_, page) in document.get_pages().into_iter().take(MOST_PAGES) {
        // A page that cannot be read keeps no other from it.
        let _ = read_page(&document, page, text);
        text.end_line();
        if text.is_over() {
            break;
        }
    }
    Some(())
}

fn read_page(document: &Document, page: ObjectId, text: &mut Text<'_>) -> Option<()> {
    let content = document.get_page_content_with_limit(page, MOST_UNPACKED).ok()?;
    let fonts = document.get_page_fonts(page).ok()?;
    let (own, inherited) = document.get_page_resources(page).ok()?;
    let mut resources: Vec<&Dictionary> = own.into_iter().collect();
    resources.extend(inherited.iter().filter_map(|id| document.get_dictionary(*id).ok()));
    draw(document, &content, &fonts, &resources, DEPTH, text)
}

fn draw(
    document: &Document,
    content: &[u8],
    fonts: &BTreeMap<Vec<u8>, &Dictionary>,
    resources: &[&Dictionary],
    depth: u8,
    text: &mut Text<'_>,
) -> Option<()> {
    let content = Content::decode(content).ok()?;
    let told: BTreeMap<&[u8], Dictionary> =
        fonts.iter().map(|(name, font)| (name.as_slice(), letters_told(font))).collect();
    let encodings: BTreeMap<&[u8], Encoding<'_>> = fonts
        .iter()
        .filter_map(|(name, font)| {
            let letters = told
                .get(name.as_slice())
                .map(|told| told.get_font_encoding_with_limit(document, MOST_UNPACKED));
            let encoding = match letters {
                Some(Ok(letters @ Encoding::UnicodeMapEncoding(_))) => letters,
                _ => font.get_font_encoding_with_limit(document, MOST_UNPACKED).ok()?,
            };
            Some((name.as_slice(), encoding))
        })
        .collect();
    let (mut encoding, mut height, mut size) = (None, None, 0.0);
    // Where the letters begin that were shown since the last move.
    let mut shown = text.written.len();
    for operation in &content.operations {
        if text.is_over() {
            break;
        }
        let operands = operation.operands.as_slice();
        match operation.operator.as_str() {
            // Places count from the beginning of each piece.
            "BT" => {
                text.wrap();
                height = None;
            }
            "Tf" => {
                let font = operands.first().and_then(|font| font.as_name().ok());
                encoding = font.and_then(|font| encodings.get(font));
                size = operands.get(1).and_then(|size| size.as_float().ok()).unwrap_or(size);
            }
            "Tj" => show(encoding, operands, text),
            "'" | "\"" => {
                text.wrap();
                show(encoding, operands.last().map_or(&[], std::slice::from_ref), text);
            }
            "TJ" => {
                if let Some(Ok(pieces)) = operands.first().map(Object::as_array) {
                    show(encoding, pieces, text);
                }
            }
            "Td" | "TD" => {
                let [right, down] =
                    [0, 1].map(|at| operands.get(at).and_then(|it| it.as_float().ok()));
                let letters = text.written.get(shown..).unwrap_or_default();
                if down != Some(0.0) {
                    text.wrap();
                } else if right.unwrap_or_default() > size * widest(letters) {
                    text.space();
                }
                shown = text.written.len();
            }
            "Tm" => {
                let now = operands.get(5).and_then(|height| height.as_float().ok());
                if now == height {
                    text.space();
                } else {
                    text.wrap();
                }
                height = now;
                shown = text.written.len();
            }
            "T*" => text.wrap(),
            "Do" if depth > 0 => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                // What cannot be drawn is no text.
                let _ = name.and_then(|name| drawing(document, name, resources, depth, text));
            }
            _ => {}
        }
    }
    Some(())
}

/// How wide letters are at the most, in their height. Who sets each letter by itself sets blanks
/// too.
fn widest(letters: &str) -> f32 {
    match letters.chars().count() {
        0 | 1 => 1.1,
        _ => letters.chars().map(|it| if it.is_ascii() { 0.7 } else { 1.1 }).sum(),
    }
}

/// A font reduced to what it tells of its letters (ToUnicode), which goes before how its glyphs are
/// numbered: the library has it the other way round.
fn letters_told(font: &Dictionary) -> Dictionary {
    let mut told = Dictionary::new();
    told.set("Type", Object::Name(b"Font".to_vec()));
    if let Ok(table) = font.get(b"ToUnicode") {
        told.set("ToUnicode", table.clone());
    }
    told
}

/// A drawing that is used by its name: text of a header, a stamp, a page that was put in.
fn drawing(
    document: &Document,
    name: &[u8],
    resources: &[&Dictionary],
    depth: u8,
    text: &mut Text<'_>,
) -> Option<()> {
    let stream = resources.iter().find_map(|resources| stream_named(document, resources, name))?;
    if stream.dict.get(b"Subtype").ok()?.as_name().ok()? != b"Form" {
        return None;
    }
    let content = stream.decompressed_content_with_limit(MOST_UNPACKED).ok()?;
    let own = document.get_dict_in_dict(&stream.dict, b"Resources").ok();
    let mut fonts = BTreeMap::new();
    for (name, font) in own.and_then(|own| document.get_dict_in_dict(own, b"Font").ok())?.iter() {
        let font = document.dereference(font).ok().and_then(|(_, font)| font.as_dict().ok());
        fonts.extend(font.map(|font| (name.clone(), font)));
    }
    let resources: Vec<&Dictionary> = own.into_iter().collect();
    draw(document, &content, &fonts, &resources, depth - 1, text)
}

fn stream_named<'pdf>(
    document: &'pdf Document,
    resources: &'pdf Dictionary,
    name: &[u8],
) -> Option<&'pdf Stream> {
    let drawings = document.get_dict_in_dict(resources, b"XObject").ok()?;
    let (_, object) = document.dereference(drawings.get(name).ok()?).ok()?;
    object.as_stream().ok()
}

fn show(encoding: Option<&Encoding<'_>>, pieces: &[Object], text: &mut Text<'_>) {
    let Some(encoding) = encoding else { return };
    for piece in pieces {
        match piece {
            Object::String(bytes, _) => {
                if let Ok(letters) = Document::decode_text(encoding, bytes) {
                    text.push(&letters);
                }
            }
            other => {
                if other.as_float().is_ok_and(|moved| moved < -GAP) {
                    text.space();
                }
            }
        }
    }
}
