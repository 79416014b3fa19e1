//! Folders of texts: every Markdown, HTML and plain text file below the folder is a record,
//! with what its front matter says, its `body`, its `file` (path below the folder) and its
//! `name` (the file's name without the ending).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use schema::digest::Digest;
use serde_json::Value;

use super::{
    Limits, Markup, Position, RawRecord, Reason, Unreadable, front_matter, lines, not_utf8,
};

/// How deep folders may lie in folders.
const DEPTH: usize = 16;

/// The texts below `root`, in the order of their paths.
pub(super) fn read(
    root: &Path,
    limits: Limits,
) -> Result<impl Iterator<Item = Result<RawRecord, Unreadable>> + Send + use<>, Reason> {
    let mut found = Vec::new();
    walk(root, DEPTH, &mut found).map_err(|error| lines::broken(&error))?;
    found.sort();
    let root = root.to_owned();
    Ok(found.into_iter().map(move |path| {
        let file = relative(&root, &path);
        record(&path, &file, limits).map_err(|(line, reason)| Unreadable {
            at: Position { file: Some(file), line },
            reason,
        })
    }))
}

/// The ending of a file's name, in small letters.
pub(super) fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// How a text file is written, by the ending of its name.
pub(super) fn markup(path: &Path) -> Option<Markup> {
    match ending(path).as_str() {
        "md" | "markdown" => Some(Markup::Markdown),
        "html" | "htm" => Some(Markup::Html),
        "txt" => Some(Markup::Text),
        _ => None,
    }
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link could lead anywhere, also back here.
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            walk(&path, depth - 1, found)?;
        } else if kind.is_file() && markup(&path).is_some() {
            found.push(path);
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn record(path: &Path, file: &str, limits: Limits) -> Result<RawRecord, (Option<u64>, Reason)> {
    let whole = |reason| (None, reason);
    let size = fs::metadata(path).map_err(|error| whole(lines::broken(&error)))?.len();
    if size > limits.record {
        return Err(whole(lines::too_long(size, limits.record)));
    }
    let bytes = fs::read(path).map_err(|error| whole(lines::broken(&error)))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        (Some(line), not_utf8(error.valid_up_to()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut members, body) =
        front_matter::split(text).map_err(|(line, reason)| (Some(line), reason))?;
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for (member, value) in [("file", file.to_owned()), ("name", name)] {
        members.entry(member).or_insert(Value::String(value));
    }
    members.insert("body".into(), Value::String(body.to_owned()));
    Ok(RawRecord {
        at: Position { file: Some(file.to_owned()), line: None },
        members,
        digest: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        markup: markup(path),
        base: path.parent().map(Path::to_owned).unwrap_or_default(),
    })
}
