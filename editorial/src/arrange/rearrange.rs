//! Acts on columns that take documents along: rename, move, merge, close.
//!
//! In one transaction with the act, documents get their new columns and addresses, readers of
//! the old addresses are led on, lists show what a rebuild would show, and the site's menu
//! follows. No document gets an event of its own: the event of the column stands for them,
//! and targets are owed nothing.

use schema::{
    ids::ColumnId,
    log::{ArrangedChange, ArrangedThing},
    message::{Bilingual, Fault},
    names::ColumnPath,
    tree::{Column, Site, rebased},
};
use serde_json::json;
use store::{UnitOfWork, columns, columns::rearrange};

use super::{
    Trace,
    columns::{column, key, open, subject, vacant},
    concerns, leave, sites, taken, valid,
};
use crate::{Error, Refusal};

/// What came of a rearrangement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rearranged {
    /// The column as it is now.
    pub column: Column,
    /// Documents that stand in another column now.
    pub replaced: u64,
    /// Documents that have another address now; the old one leads to it. A document whose new
    /// address was taken keeps its own and is not among them.
    pub readdressed: u64,
}

/// Gives a column another last segment of its path, another name, or both.
///
/// # Errors
/// Refused without the permission for the site; [`Refusal::Invalid`] for a `segment` of
/// several segments, or a path that grows too long; [`Refusal::Exists`] where the path is
/// taken; [`Refusal::Stale`]; [`Refusal::ColumnClosed`].
pub async fn rename_column(
    work: &mut UnitOfWork,
    column: ColumnId,
    seen: i64,
    segment: Option<&ColumnPath>,
    name: Option<Bilingual>,
) -> Result<Rearranged, Error> {
    let (site, before) = open(work, column, seen).await?;
    let path = match segment {
        None => before.path.clone(),
        Some(segment) => renamed(&before.path, segment)?,
    };
    let mut after = before.clone();
    after.particulars.name = name.unwrap_or(after.particulars.name);
    valid(after.particulars.faults())?;
    if after == before && path == before.path {
        return Ok(Rearranged { column: before, replaced: 0, readdressed: 0 });
    }
    after = columns::update(work, &after).await?;
    let readdressed = if path == before.path {
        0
    } else {
        // Documents first, while the tree still says which ones they are.
        let readdressed = readdress(work, &site, &before, &path).await?;
        relocate_tree(work, &site, &before, &path).await?;
        readdressed
    };
    follow(work, &site, &before.path, Some(&path)).await?;
    after.path = path;
    let change =
        if after.path == before.path { ArrangedChange::Changed } else { ArrangedChange::Moved };
    let end = End { change, action: "column.rename", becomes: Some(&after.path) };
    trace(work, &site, &before, &end, 0, readdressed).await?;
    Ok(Rearranged { column: after, replaced: 0, readdressed })
}

/// Puts a column with all below it under another one of its site, or at the top, after the
/// columns that are there.
///
/// # Errors
/// As [`rename_column`]; [`Refusal::Cycle`] for a place below itself; [`Refusal::Invalid`]
/// for a column of another site, or where the tree would get deeper than paths allow.
pub async fn move_column(
    work: &mut UnitOfWork,
    column: ColumnId,
    seen: i64,
    under: Option<ColumnId>,
) -> Result<Rearranged, Error> {
    let (site, before) = open(work, column, seen).await?;
    if before.parent == under {
        return Ok(Rearranged { column: before, replaced: 0, readdressed: 0 });
    }
    let parent = match under {
        None => None,
        Some(under) => Some(companion(work, &site, &before, under).await?),
    };
    let path = below(parent.as_ref(), &before.path)?;
    let readdressed = readdress(work, &site, &before, &path).await?;
    let position = columns::next_position(work.session(), site.id, under).await?;
    rearrange::reparent(work, before.id, before.version, under, position).await?;
    relocate_tree(work, &site, &before, &path).await?;
    follow(work, &site, &before.path, Some(&path)).await?;
    let after = self::column(work, before.id).await?;
    let end = End { change: ArrangedChange::Moved, action: "column.move", becomes: Some(&path) };
    trace(work, &site, &before, &end, 0, readdressed).await?;
    Ok(Rearranged { column: after, replaced: 0, readdressed })
}

/// Puts the documents of a column, and the columns below it, into `into`, and closes it.
///
/// # Errors
/// As [`move_column`], `into` being where it goes.
pub async fn merge_column(
    work: &mut UnitOfWork,
    column: ColumnId,
    seen: i64,
    into: ColumnId,
) -> Result<Rearranged, Error> {
    let (site, before) = open(work, column, seen).await?;
    let into = companion(work, &site, &before, into).await?;
    let readdressed = readdress(work, &site, &before, &into.path).await?;
    let below = columns::with_descendants(work.session(), before.id).await?;
    for child in below.iter().filter(|child| child.parent == Some(before.id)) {
        let path = self::below(Some(&into), &child.path)?;
        let position = columns::next_position(work.session(), site.id, Some(into.id)).await?;
        rearrange::reparent(work, child.id, child.version, Some(into.id), position).await?;
        relocate_tree(work, &site, child, &path).await?;
    }
    let change = ArrangedChange::Merged;
    let end = End { change, action: "column.merge", becomes: Some(&into.path) };
    hand_over(work, &site, &before, Some(&into), &end, readdressed).await
}

/// Closes a column: it takes no documents any more and is not shown. What it holds goes to
/// `successor`, and readers of its path are led there.
///
/// # Errors
/// As [`merge_column`]; [`Refusal::NotEmpty`] when open columns stand below it, or documents
/// stand in it and there is no successor.
pub async fn close_column(
    work: &mut UnitOfWork,
    column: ColumnId,
    seen: i64,
    successor: Option<ColumnId>,
) -> Result<Rearranged, Error> {
    let (site, before) = open(work, column, seen).await?;
    let heir = match successor {
        None => None,
        Some(successor) => Some(companion(work, &site, &before, successor).await?),
    };
    let below = columns::with_descendants(work.session(), before.id).await?;
    let full = columns::holds_documents(work.session(), before.id).await?;
    if below.len() > 1 || (full && heir.is_none()) {
        return Err(Refusal::NotEmpty { what: "column", name: key(&site, &before.path) }.into());
    }
    let readdressed = match &heir {
        None => 0,
        Some(heir) => readdress(work, &site, &before, &heir.path).await?,
    };
    let becomes = heir.as_ref().map(|heir| &heir.path);
    let end = End { change: ArrangedChange::Closed, action: "column.close", becomes };
    hand_over(work, &site, &before, heir.as_ref(), &end, readdressed).await
}

/// The common end of merging and closing.
async fn hand_over(
    work: &mut UnitOfWork,
    site: &Site,
    before: &Column,
    heir: Option<&Column>,
    end: &End<'_>,
    readdressed: u64,
) -> Result<Rearranged, Error> {
    let replaced = match heir {
        None => 0,
        Some(heir) => rearrange::hand_over(work, before.id, heir.id).await?,
    };
    let successor = heir.map(|heir| heir.id);
    rearrange::close(work, before.id, before.version, successor).await?;
    follow(work, site, &before.path, heir.map(|heir| &heir.path)).await?;
    let after = column(work, before.id).await?;
    trace(work, site, before, end, replaced, readdressed).await?;
    Ok(Rearranged { column: after, replaced, readdressed })
}

/// The open column `id` of the same site, not at or below `moving`.
async fn companion(
    work: &mut UnitOfWork,
    site: &Site,
    moving: &Column,
    id: ColumnId,
) -> Result<Column, Error> {
    let other = column(work, id).await?;
    if other.site != site.id {
        return Err(Refusal::Invalid(vec![Fault::new(
            "into",
            "another_site",
            format!("栏目 {} 属于其他站点，只能选择站点 {} 的栏目", other.path, site.key),
            format!("the column {} is of another site: choose one of {}", other.path, site.key),
        )])
        .into());
    }
    if other.closed {
        return Err(Refusal::ColumnClosed(site.key.clone(), other.path).into());
    }
    if columns::with_ancestors(work.session(), id).await?.contains(&moving.id) {
        return Err(Refusal::Cycle(key(site, &moving.path)).into());
    }
    Ok(other)
}

/// Gives the documents of `column` and of those below it their addresses under `path`.
/// Documents in another than the site's main language stand below that language's name.
async fn readdress(
    work: &mut UnitOfWork,
    site: &Site,
    column: &Column,
    path: &ColumnPath,
) -> Result<u64, Error> {
    let others = site.particulars.locales.iter().skip(1);
    let languages = others.map(|locale| format!("/{}", locale.as_str().to_lowercase()));
    let mut readdressed = 0;
    for language in std::iter::once(String::new()).chain(languages) {
        let (from, to) = (format!("{language}/{}/", column.path), format!("{language}/{path}/"));
        readdressed += rearrange::readdress(work, site.id, column.id, &from, &to).await?;
    }
    Ok(readdressed)
}

/// Gives `before` and what stands below it their new paths.
async fn relocate_tree(
    work: &mut UnitOfWork,
    site: &Site,
    before: &Column,
    path: &ColumnPath,
) -> Result<(), Error> {
    vacant(work, site, path).await?;
    for below in columns::with_descendants(work.session(), before.id).await? {
        rebased(&below.path, &before.path, path).map_err(too_deep)?;
    }
    rearrange::repath(work, site.id, before.id, &before.path, path)
        .await
        .map_err(taken("column", key(site, path)))
}

fn renamed(path: &ColumnPath, segment: &ColumnPath) -> Result<ColumnPath, Error> {
    if segment.parent().is_some() {
        return Err(Refusal::Invalid(vec![Fault::new(
            "segment",
            "several_segments",
            "改名只改路径的最后一段；要换上级栏目请用移动",
            "renaming changes the last segment of the path alone: move the column to put it elsewhere",
        )])
        .into());
    }
    match path.parent() {
        None => Ok(segment.clone()),
        Some(parent) => format!("{parent}/{segment}").parse().map_err(too_deep),
    }
}

/// The path of a column that keeps its last segment and comes to stand below `parent`.
fn below(parent: Option<&Column>, path: &ColumnPath) -> Result<ColumnPath, Error> {
    let segment = path.as_str().rsplit('/').next().unwrap_or_default();
    match parent {
        None => segment.parse().map_err(too_deep),
        Some(parent) => format!("{}/{segment}", parent.path).parse().map_err(too_deep),
    }
}

fn too_deep(bad: schema::names::BadName) -> Error {
    let path = bad.text;
    Refusal::Invalid(vec![Fault::new(
        "path",
        "too_deep",
        format!("栏目路径 {path} 过深或过长：最多 8 级、200 字节"),
        format!("the column path {path} gets too deep or too long: at most 8 levels and 200 bytes"),
    )])
    .into()
}

/// Lets the site's menu lead where the column went.
async fn follow(
    work: &mut UnitOfWork,
    site: &Site,
    old: &ColumnPath,
    new: Option<&ColumnPath>,
) -> Result<(), Error> {
    if new == Some(old) {
        return Ok(());
    }
    // Read again: the menu may have been changed before the columns were locked.
    let mut site = sites::site(work, site.id).await?;
    if site.particulars.home.follow(old, new) {
        sites::write(work, site).await?;
    }
    Ok(())
}

struct End<'a> {
    change: ArrangedChange,
    action: &'a str,
    becomes: Option<&'a ColumnPath>,
}

async fn trace(
    work: &mut UnitOfWork,
    site: &Site,
    before: &Column,
    end: &End<'_>,
    replaced: u64,
    readdressed: u64,
) -> Result<(), Error> {
    let becomes = end.becomes.map(|path| key(site, path));
    let details = json!({
        "column": key(site, &before.path),
        "becomes": becomes,
        "replaced": replaced,
        "readdressed": readdressed,
    });
    let trace = Trace {
        what: ArrangedThing::Column,
        change: end.change,
        key: key(site, &before.path),
        becomes,
        action: end.action,
        subject: &subject(before.id),
        concerns: concerns(site),
        details,
    };
    leave(work, trace).await
}
