//! Text of files as programs write them, and of files made to do harm.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use lopdf::{Document, Object, Stream, dictionary};
use schema::{media::Media, search::TEXT_BYTES};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::read;

/// As Chromium prints it: a font of glyph numbers, with a table of the letters they are.
const NOTICE: &[u8] = include_bytes!("tests/notice.pdf");

fn text_as(media: &str, bytes: &[u8]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("it is written");
    read(file.path(), Media::of(media).expect("it is kept"))
}

fn text(media: &str, bytes: &[u8]) -> String {
    text_as(media, bytes).expect("it is read")
}

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, body) in entries {
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(body.as_bytes()).expect("it is written");
    }
    writer.finish().expect("it is finished").into_inner()
}

fn office(kind: &str) -> String {
    format!("application/vnd.openxmlformats-officedocument.{kind}")
}

#[test]
fn office_files_are_read() {
    let docx = archive(&[
        (
            "word/document.xml",
            "<?xml version=\"1.0\"?><w:document xmlns:w=\"urn:w\"><w:body><w:p><w:r><w:t>关于印发</w:t></w:r><w:r><w:t>《防汛预案》</w:t></w:r></w:p>\
             <w:p><w:r><w:t>甲</w:t><w:tab/><w:t xml:space=\"preserve\">A &amp; B&#x2014;</w:t><w:delText>删</w:delText></w:r></w:p></w:body></w:document>",
        ),
        ("word/styles.xml", "<w:styles><w:t>样式</w:t></w:styles>"),
        ("word/footnotes.xml", "<w:footnotes><w:p><w:t>脚注</w:t></w:p></w:footnotes>"),
    ]);
    let xlsx = archive(&[
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>应急物资</t><rPh><t>よみ</t></rPh></si><si><r><t>水</t></r><r><t>泵</t></r></si></sst>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><c><v>12</v></c><c><is><t>行内</t></is></c></worksheet>",
        ),
    ]);
    let slide = |words: &str| format!("<p:sld><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>");
    let (ten, two) = (slide("第十页"), slide("第二页"));
    let pptx = archive(&[
        ("ppt/slides/slide10.xml", ten.as_str()),
        ("ppt/slides/slide2.xml", two.as_str()),
    ]);
    let odt = archive(&[(
        "content.xml",
        "<office:document-content><office:meta>略</office:meta><text:h>标题</text:h><text:p>正文<text:span>一段</text:span><text:s/>续</text:p></office:document-content>",
    )]);
    let ofd = archive(&[
        ("OFD.xml", "<ofd:OFD/>"),
        (
            "Doc_0/Pages/Page_0/Content.xml",
            "<ofd:Page><ofd:TextObject><ofd:TextCode X=\"0\">琉璃河堤</ofd:TextCode></ofd:TextObject>\
             <ofd:TextObject><ofd:TextCode>防巡查</ofd:TextCode></ofd:TextObject></ofd:Page>",
        ),
    ]);

    assert_eq!(
        text(&office("wordprocessingml.document"), &docx),
        "关于印发《防汛预案》\n甲 A & B—\n脚注\n"
    );
    assert_eq!(text(&office("spreadsheetml.sheet"), &xlsx), "应急物资\n水泵\n行内\n");
    assert_eq!(text(&office("presentationml.presentation"), &pptx), "第二页\n第十页\n");
    assert_eq!(text("application/vnd.oasis.opendocument.text", &odt), "标题\n正文一段 续\n");
    assert_eq!(text("application/ofd", &ofd), "琉璃河堤防巡查\n", "lines of a page go on");
    assert_eq!(text("text/csv", "甲,乙\r\n丙,丁".as_bytes()), "甲,乙\n丙,丁");
}

#[test]
fn a_pdf_of_chinese_glyph_numbers_is_read() {
    let text = text("application/pdf", NOTICE);

    assert!(text.contains("请各县区加强琉璃河堤防巡查。"), "{text:?}");
    assert!(text.contains("Dam patrol 2026"), "{text:?}");
}

/// A PDF of one page with this content; `form` is a drawing it may use.
fn pdf(content: &[u8], form: &[u8]) -> Document {
    let mut document = Document::with_version("1.5");
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding",
    });
    let fonts = dictionary! { "F1" => font };
    let form = document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "Resources" => dictionary! { "Font" => fonts.clone() },
        },
        form.to_vec(),
    ));
    let content = document.add_object(Stream::new(dictionary! {}, content.to_vec()));
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Resources" => dictionary! { "Font" => fonts, "XObject" => dictionary! { "X1" => form } },
    });
    document.objects.insert(
        pages,
        Object::Dictionary(dictionary! {
            "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1,
        }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    document
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("it is written");
    bytes
}

#[test]
fn words_of_a_pdf_are_parted_as_they_stand() {
    let page = b"BT /F1 12 Tf [(Flood) -600 (con) 20 (trol)] TJ 0 -14 Td (second) Tj 60 0 Td (line) Tj T* (third) Tj ET /X1 Do";
    let form = b"BT /F1 9 Tf (seal) Tj ET";

    assert_eq!(
        text("application/pdf", &saved(pdf(page, form))),
        "Flood control\nsecond line\nthird\nseal\n"
    );
}

#[test]
fn files_made_to_do_harm_are_files_without_text() {
    let word = office("wordprocessingml.document");
    // A drawing that draws itself.
    let mut endless = pdf(b"/X1 Do", b"BT /F1 9 Tf (again) Tj ET");
    for object in endless.objects.values_mut() {
        if let Object::Stream(stream) = object
            && let Ok(resources) = stream.dict.get_mut(b"Resources").and_then(Object::as_dict_mut)
        {
            resources.set("XObject", dictionary! { "X1" => Object::Reference((2, 0)) });
            stream.set_content(b"/X1 Do /X1 Do /X1 Do".to_vec());
        }
    }
    assert_eq!(text("application/pdf", &saved(endless)), "");
    // A stream that unpacks to a gigabyte.
    let zeros = vec![b' '; 96 << 20];
    let mut bomb = pdf(&zeros, b"");
    bomb.compress();
    let bomb = saved(bomb);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(text("application/pdf", &bomb), "");
    let deep = format!("%PDF-1.7\n1 0 obj\n{}\nendobj\n", "[".repeat(200_000));
    assert_eq!(text("application/pdf", deep.as_bytes()), "");
    assert_eq!(text("application/pdf", b"%PDF-1.7\n1 0 obj\n"), "");
    for at in [10, 100, 1_000, NOTICE.len() / 2, NOTICE.len() - 20] {
        let mut broken = NOTICE.to_vec();
        broken[at..at + 10].fill(b'(');
        text("application/pdf", &broken);
        text("application/pdf", &NOTICE[..at]);
    }

    let mut nested = String::new();
    for _ in 0..100_000 {
        nested.push_str("<w:t>");
    }
    nested.push('字');
    assert_eq!(text(&word, &archive(&[("word/document.xml", &nested)])), "字\n");
    let entity = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><w:t>&b;甲</w:t>";
    assert_eq!(text(&word, &archive(&[("word/document.xml", entity)])), "甲\n");
    let cut = "<w:p><w:t>甲</w:t></w:p><w:p";
    assert_eq!(text(&word, &archive(&[("word/document.xml", cut)])), "甲\n");
    let mut long = String::new();
    for number in 0..200_000 {
        write!(long, "<w:p><w:t>第{number}条</w:t></w:p>").expect("it is written");
    }
    let long = text(&word, &archive(&[("word/document.xml", &long)]));
    assert!(long.len() <= TEXT_BYTES + 1 && long.len() > TEXT_BYTES - 20, "{}", long.len());
    assert_eq!(text(&word, b"PK\x03\x04"), "");
    assert_eq!(text_as("image/png", b"\x89PNG"), None);
    assert_eq!(text_as("video/mp4", b""), None);
}
