//! What is to be done with a file: found out, and refused where it will not do, before the
//! first record is read.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use schema::{
    content_type::{ContentType, TypeRegistry},
    names::ColumnPath,
    permission::{Action, Actor, Touched, may},
    tree::Site,
    validation::Stage,
};
use serde_json::{Map, Value};
use store::{Session, columns, trees};

use super::{
    Reason,
    error::ImportError,
    format,
    mapping::{self, Mapping},
    reading::Format,
    record::Frame,
    task::{Destination, Request},
};
use crate::{Desk, Refusal};

/// The file of records at `path`: of a folder that is an export, the one in it.
pub(super) fn locate(path: &Path) -> Result<(PathBuf, Format), ImportError> {
    let format = Format::of(path).map_err(ImportError::Wrong)?;
    let records = path.join(format::RECORDS);
    if format == Format::Folder && records.is_file() {
        return Ok((records, Format::JsonLines));
    }
    Ok((path.to_owned(), format))
}

pub(super) fn check_header(header: Option<Map<String, Value>>) -> Result<(), ImportError> {
    let header = header
        .and_then(|header| serde_json::from_value::<format::Header>(Value::Object(header)).ok());
    match header {
        Some(header) if header.version <= format::VERSION => Ok(()),
        _ => Err(ImportError::Wrong(Reason::new(
            "unknown_export",
            "导出文件的首行看不懂，或出自更新版本的程序：请用不低于它的版本导入",
            "the first line of the export is not understood, or was written by a later version: import it with one no older",
        ))),
    }
}

/// What is to be done with the records of a file.
pub(super) struct Plan {
    pub(super) prepare: Prepare,
    pub(super) destination: Option<Destination>,
}

#[derive(Clone)]
pub(super) enum Prepare {
    /// A foreign file.
    Mapped(Box<Frame>),
    /// An export of Gongbao.
    Recorded(Arc<TypeRegistry>),
}

pub(super) async fn foreign(
    desk: &Desk,
    actor: &Actor,
    request: &Request,
    path: &Path,
    format: Format,
) -> Result<Plan, ImportError> {
    let (Some(site_key), Some(name)) = (&request.site, &request.r#type) else {
        return Err(ImportError::Wrong(Reason::new(
            "no_destination",
            "请用 --site、--column、--type 指明导入到哪个站点、栏目和内容类型",
            "say with --site, --column and --type where the records go and what they become",
        )));
    };
    let content_type = desk.types.get(name).ok_or_else(|| Refusal::not_found("type", name))?;
    let mut reader = desk.store.reader().await?;
    let site = trees::site_by_key(&mut reader, site_key)
        .await?
        .ok_or_else(|| Refusal::not_found("site", site_key))?;
    let authority = trees::authority(&mut reader, site.authority).await?;
    let authority = authority.ok_or_else(|| Refusal::not_found("authority", site.authority))?;
    let touched =
        Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() };
    if !may(actor, Action::Import, &touched) {
        return Err(Refusal::NotPermitted(Action::Import).into());
    }
    let column = column(&mut reader, &site, request.column.as_ref()).await?;
    let mapping = match &request.mapping {
        Some((file, text)) => mapping::read(file, text, content_type, request.publishes)
            .map_err(ImportError::Mapping)?,
        None => {
            let stem = path.file_name().unwrap_or_default().to_string_lossy();
            let stem = stem.split('.').next().unwrap_or_default();
            Mapping::plain(content_type, format!("{site_key}/{name}/{stem}"))
        }
    };
    let locale = site.particulars.locales.first().cloned();
    let destination = Destination {
        site: site_key.clone(),
        authority: authority.key,
        column,
        locale: locale.ok_or_else(|| Refusal::not_found("site", site_key))?,
        publishes: request.publishes,
        publication: mapping.publication.clone(),
    };
    let frame = frame(request, path, format, mapping, content_type)?;
    Ok(Plan { prepare: Prepare::Mapped(Box::new(frame)), destination: Some(destination) })
}

async fn column(
    reader: &mut Session,
    site: &Site,
    path: Option<&ColumnPath>,
) -> Result<ColumnPath, ImportError> {
    let Some(path) = path else {
        return Err(ImportError::Wrong(Reason::new(
            "no_destination",
            "请用 --column 指明导入到哪个栏目",
            "say with --column where the records go",
        )));
    };
    match columns::by_path(reader, site.id, path).await? {
        Some(column) => Ok(column.path),
        None => Err(Refusal::not_found("column", format!("{}:{path}", site.key)).into()),
    }
}

fn frame(
    request: &Request,
    path: &Path,
    format: Format,
    mapping: Mapping,
    content_type: &ContentType,
) -> Result<Frame, ImportError> {
    let is_folder = format == Format::Folder;
    let root = match path.parent() {
        _ if is_folder => path.to_owned(),
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let index = match &mapping.index {
        Some(index) if is_folder => read_index(&root.join(index)).map_err(ImportError::Wrong)?,
        _ => HashMap::new(),
    };
    Ok(Frame {
        mapping: Arc::new(mapping),
        content_type: Arc::new(content_type.clone()),
        stage: if request.publishes { Stage::Publication } else { Stage::Draft },
        root,
        strict: is_folder,
        index: Arc::new(index),
        limits: request.limits,
    })
}

/// The index of a folder: a list of objects, each with the `file` it speaks of.
fn read_index(path: &Path) -> Result<HashMap<String, Map<String, Value>>, Reason> {
    let wrong = |zh: String, en: String| Reason::new("bad_index", zh, en);
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        wrong(
            format!("无法读取目录文件“{shown}”：{error}"),
            format!("the index {shown} cannot be read: {error}"),
        )
    })?;
    let entries: Vec<Map<String, Value>> = serde_json::from_str(&text).map_err(|error| {
        wrong(
            format!("目录文件“{shown}”应为由对象组成的 JSON 列表：{error}"),
            format!("the index {shown} must be a JSON list of objects: {error}"),
        )
    })?;
    let mut index = HashMap::with_capacity(entries.len());
    for (entry, number) in entries.into_iter().zip(1..) {
        let Some(file) = entry.get("file").and_then(Value::as_str).map(str::to_owned) else {
            return Err(wrong(
                format!("目录文件“{shown}”第 {number} 项没有 file"),
                format!("entry {number} of the index {shown} has no file"),
            ));
        };
        index.insert(file, entry);
    }
    Ok(index)
}
