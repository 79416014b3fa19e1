//! Addresses of renditions: a picture in the size and the format that a page needs.

use async_graphql::dynamic::TypeRef;
use editorial::files::{Format, SIDES};
use schema::message::Bilingual;

use super::super::{
    Builder,
    member::{Member, argument},
};
use crate::content::{
    reading::{Answer, Arguments, Reader, Thing},
    refusal::{Fault, Refusal},
};

const FORMAT: &str = "RenditionFormat";

pub(super) fn add(builder: &mut Builder) {
    builder.enumeration(
        FORMAT,
        &Bilingual::new("图片以何种格式给出。", "What a picture is given as."),
        Format::ALL.map(|format| {
            let (zh, en) = match format {
                Format::WebP => {
                    ("照片最小，浏览器都支持", "Smallest for photographs; every browser shows it")
                }
                Format::Jpeg => {
                    ("照片，兼容最旧的软件", "For photographs and the oldest of programs")
                }
                Format::Png => ("图形和文字，无损", "For drawings and text, without loss"),
            };
            (format.name(), Bilingual::new(zh, en))
        }),
    );
}

/// The field `rendition`, whose picture `original` finds: its address in whole.
pub(super) fn member(
    original: impl Fn(&Reader, &Thing) -> Option<String> + Send + Sync + 'static,
) -> Member {
    let sides = SIDES.map(|side| side.to_string()).join(", ");
    let zh = format!("最多多少像素：{sides} 之一");
    let en = format!("At most so many points: one of {sides}");
    let side = |name| argument(name, TypeRef::named(TypeRef::INT), &zh, &en);
    Member::read(
        "rendition",
        TypeRef::named(TypeRef::STRING),
        (
            "图片按所需尺寸和格式给出的地址：不会放大；同时给出宽和高时按焦点裁切。不是本系统的图片时为空",
            "The address of the picture in the size and format asked for: never larger than it is; with both sides given it is cut around its focal point. Null for what is no picture of the hub",
        ),
        None,
        move |reader, thing, arguments| {
            let asked = [("w", side_of(arguments, "width")?), ("h", side_of(arguments, "height")?)];
            let Some(mut address) = original(reader, thing) else { return Ok(Answer::Nothing) };
            let mut next = if address.contains('?') { '&' } else { '?' };
            let sides = asked.map(|(name, side)| (name, side.map(|side| side.to_string())));
            let format = ("format", arguments.text("format").map(str::to_owned));
            for (name, value) in sides.into_iter().chain([format]) {
                if let Some(value) = value {
                    address.push_str(&format!("{next}{name}={value}"));
                    next = '&';
                }
            }
            Ok(Answer::Value(address.into()))
        },
    )
    .with(side("width"))
    .with(side("height"))
    .with(argument(
        "format",
        TypeRef::named(FORMAT),
        "格式，不给则与原图相近",
        "The format; without it one like the original's",
    ))
}

fn side_of(arguments: &Arguments, name: &str) -> Result<Option<u32>, Fault> {
    let Some(given) = arguments.get(name) else { return Ok(None) };
    let side = match given {
        async_graphql::Value::Number(number) => {
            SIDES.into_iter().find(|side| number.as_u64() == Some(u64::from(*side)))
        }
        _ => None,
    };
    side.map(Some).ok_or_else(|| {
        let sides = SIDES.map(|side| side.to_string()).join(", ");
        Fault::Refused(Refusal::argument(
            format!("{name} 应为 {sides} 之一"),
            format!("{name} must be one of {sides}"),
        ))
    })
}
