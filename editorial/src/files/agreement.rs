//! What a text says of its files, held against what the door found them to be: nobody gives a
//! table the name of a program, or a picture the length of another.

use schema::{media::Media, message::Fault, validation::NamedFile};
use store::kept::KeptFile;

/// What `named` says that is not so of the files in `kept`. Of files that came before the door
/// looked at them nothing is known, and nothing is found fault with.
pub fn faults(named: &[NamedFile], kept: &[KeptFile]) -> Vec<Fault> {
    named
        .iter()
        .flat_map(|named| {
            let file = kept.iter().find(|file| file.digest == named.digest);
            let media = file.and_then(|file| Media::of(file.media_type.as_deref()?));
            match file.zip(media) {
                Some((file, media)) => of_one(named, file, media),
                None => Vec::new(),
            }
        })
        .collect()
}

fn of_one(named: &NamedFile, file: &KeptFile, media: &Media) -> Vec<Fault> {
    let mut faults = Vec::new();
    let at = |member: &str| format!("{}.{member}", named.path);
    if !media.may_be_called(&named.media_type) {
        faults.push(Fault::new(
            at("mediaType"),
            "file_type_differs",
            format!("文件内容是 {}，请照此填写", media.name),
            format!("the file is {}: say so", media.name),
        ));
    }
    if !media.may_be_named(&named.name) {
        let endings = media.endings;
        faults.push(Fault::new(
            at("name"),
            "file_type_differs",
            format!("文件内容是 {}，文件名应以 {} 结尾", media.name, endings.join("、")),
            format!("the file is {}: its name ends in {}", media.name, endings.join(" or ")),
        ));
    }
    if named.size.is_some_and(|size| size != file.size) {
        faults.push(Fault::new(
            at("size"),
            "file_size_differs",
            format!("文件有 {} 字节，请照此填写", file.size),
            format!("the file has {} bytes: say so", file.size),
        ));
    }
    if named.focal_point.is_some() && !media.is_picture() {
        faults.push(Fault::new(
            at("focalPoint"),
            "not_a_picture",
            "只有图片有焦点，请去掉",
            "only pictures have a focal point: leave it out",
        ));
    }
    faults
}
