//! What moves along when a column gets another path, another parent or an heir: the tree
//! below it, the addresses and columns of its documents, and the lists they show in.
//!
//! A column may hold a hundred thousand documents, so nothing here goes document by document:
//! each step is a fixed number of statements per column. The caller holds
//! [`lock_columns`](crate::trees::lock_columns), so that nobody places a document meanwhile.

use super::with_ancestors;
use crate::{Error, UnitOfWork, trees::one};
use schema::{
    ids::{ColumnId, SiteId},
    names::ColumnPath,
};

/// The longest address a document may have, in bytes, as
/// [`DocumentPath`](schema::names::DocumentPath) says.
const LONGEST_PATH: i64 = 400;

/// Gives the open columns at and below `column` the path `new` where they had `old`; the old
/// paths lead to them from now on.
///
/// # Errors
/// [`Error::Database`], a unique violation where another open column has one of the paths.
pub async fn repath(
    work: &mut UnitOfWork,
    site: SiteId,
    column: ColumnId,
    old: &ColumnPath,
    new: &ColumnPath,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO column_former_path (site_id, path, column_id) \
         SELECT c.site_id, c.path, c.id FROM column_ancestor a JOIN site_column c ON c.id = a.column_id \
         WHERE a.ancestor_id = $1 AND NOT c.closed \
         ON CONFLICT (site_id, path) DO UPDATE SET column_id = excluded.column_id",
        column.uuid(),
    )?;
    execute!(
        work.session(),
        "UPDATE site_column SET path = $1 || substr(path, $2) \
         WHERE NOT closed AND id IN (SELECT column_id FROM column_ancestor WHERE ancestor_id = $3)",
        new.as_str(),
        after(old.as_str())?,
        column.uuid(),
    )?;
    execute!(
        work.session(),
        "DELETE FROM column_former_path WHERE site_id = $1 \
         AND EXISTS (SELECT 1 FROM site_column c WHERE c.site_id = column_former_path.site_id \
                     AND c.path = column_former_path.path AND NOT c.closed)",
        site.uuid(),
    )?;
    Ok(())
}

/// Puts `column`, with all below it, under `parent`, or at the top; counts its version up
/// where it still is `version`.
///
/// The caller has seen to it that `parent` does not lie below `column`.
///
/// # Errors
/// [`Error::Again`] when another unit of work changed it since it was read.
pub async fn reparent(
    work: &mut UnitOfWork,
    column: ColumnId,
    version: i64,
    parent: Option<ColumnId>,
    position: i64,
) -> Result<(), Error> {
    let touched = execute!(
        work.session(),
        "UPDATE site_column SET parent_id = $1, position = $2, version = version + 1 \
         WHERE id = $3 AND version = $4",
        parent.map(ColumnId::uuid),
        position,
        column.uuid(),
        version,
    )?;
    one(touched)?;
    let before = with_ancestors(work.session(), column).await?;
    execute!(
        work.session(),
        "DELETE FROM column_ancestor \
         WHERE column_id IN (SELECT d.column_id FROM column_ancestor d WHERE d.ancestor_id = $1) \
         AND ancestor_id NOT IN (SELECT d.column_id FROM column_ancestor d WHERE d.ancestor_id = $1)",
        column.uuid(),
    )?;
    if let Some(parent) = parent {
        execute!(
            work.session(),
            "INSERT INTO column_ancestor (column_id, ancestor_id, depth) \
             SELECT down.column_id, up.ancestor_id, down.depth + up.depth + 1 \
             FROM column_ancestor down JOIN column_ancestor up ON up.column_id = $2 \
             WHERE down.ancestor_id = $1",
            column.uuid(),
            parent.uuid(),
        )?;
    }
    let now = with_ancestors(work.session(), column).await?;
    relist_difference(work, &before, &now, column).await
}

/// Gives the documents whose main column is at or below `column`, and whose address starts
/// with `from`, the same address with `to` in its place. Both are whole segments with a slash
/// at each end, `/policy/`. What readers kept of the old address leads them on. A document
/// whose new address another one holds, or that would be too long, keeps the one it has.
///
/// Gives the number of documents that have another address now.
///
/// # Errors
/// [`Error::Database`].
pub async fn readdress(
    work: &mut UnitOfWork,
    site: SiteId,
    column: ColumnId,
    from: &str,
    to: &str,
) -> Result<u64, Error> {
    let rest = after(from)?;
    let longest = LONGEST_PATH + length(from)? - length(to)?;
    // An own former or reserved path becomes the current one; somebody else's stays theirs.
    execute!(
        work.session(),
        "INSERT INTO route (site_id, path, document_id, state) \
         SELECT p.site_id, $1 || substr(p.path, $2), p.document_id, 'current' \
         FROM column_ancestor a \
         JOIN placement_column pc ON pc.column_id = a.column_id AND pc.position = 0 \
         JOIN placement p ON p.id = pc.placement_id \
         JOIN route r ON r.site_id = p.site_id AND r.path = p.path \
                     AND r.document_id = p.document_id AND r.state = 'current' \
         WHERE a.ancestor_id = $3 AND p.site_id = $4 \
         AND substr(p.path, 1, $2 - 1) = $5 AND octet_length(p.path) <= $6 \
         ON CONFLICT (site_id, path) DO UPDATE SET state = 'current' \
         WHERE route.document_id = excluded.document_id",
        to,
        rest,
        column.uuid(),
        site.uuid(),
        from,
        longest,
    )?;
    // Whoever holds two current routes now has just been given the second.
    let moved = execute!(
        work.session(),
        "UPDATE placement SET path = $1 || substr(path, $2) \
         WHERE site_id = $4 AND substr(path, 1, $2 - 1) = $5 \
         AND id IN (SELECT pc.placement_id FROM column_ancestor a \
                    JOIN placement_column pc ON pc.column_id = a.column_id AND pc.position = 0 \
                    WHERE a.ancestor_id = $3) \
         AND EXISTS (SELECT 1 FROM route r WHERE r.site_id = $4 AND r.path = $1 || substr(placement.path, $2) \
                     AND r.document_id = placement.document_id AND r.state = 'current')",
        to,
        rest,
        column.uuid(),
        site.uuid(),
        from,
    )?;
    execute!(
        work.session(),
        "UPDATE route SET state = 'former' \
         WHERE site_id = $1 AND state = 'current' AND substr(path, 1, $2 - 1) = $3 \
         AND EXISTS (SELECT 1 FROM placement p WHERE p.document_id = route.document_id \
                     AND p.site_id = route.site_id AND p.path <> route.path)",
        site.uuid(),
        rest,
        from,
    )?;
    Ok(moved)
}

/// Puts the documents that stand in `from` into `into`, each once, at the better of the two
/// ranks where it stood in both. Gives how many documents stood in `from`.
///
/// # Errors
/// [`Error::Database`].
pub async fn hand_over(
    work: &mut UnitOfWork,
    from: ColumnId,
    into: ColumnId,
) -> Result<u64, Error> {
    let stood = fetch_optional!(
        work.session(),
        (i64,),
        "SELECT count(*) FROM placement_column WHERE column_id = $1",
        from.uuid(),
    )?
    .map_or(0, |(count,)| count);
    execute!(
        work.session(),
        "DELETE FROM placement_column WHERE column_id IN ($1, $2) \
         AND EXISTS (SELECT 1 FROM placement_column better \
                     WHERE better.placement_id = placement_column.placement_id \
                     AND better.column_id IN ($1, $2) AND better.position < placement_column.position)",
        from.uuid(),
        into.uuid(),
    )?;
    execute!(
        work.session(),
        "UPDATE placement_column SET column_id = $2 WHERE column_id = $1",
        from.uuid(),
        into.uuid(),
    )?;
    let before = with_ancestors(work.session(), from).await?;
    let now = with_ancestors(work.session(), into).await?;
    relist_difference(work, &before, &now, into).await?;
    u64::try_from(stood).map_err(|error| Error::corrupt("count", error))
}

/// Closes `column`, which keeps its row because editions name it; its path leads to
/// `successor` from now on, or nowhere.
///
/// # Errors
/// [`Error::Again`] when another unit of work changed it since it was read.
pub async fn close(
    work: &mut UnitOfWork,
    column: ColumnId,
    version: i64,
    successor: Option<ColumnId>,
) -> Result<(), Error> {
    let touched = execute!(
        work.session(),
        "UPDATE site_column SET closed = $1, successor_id = $2, version = version + 1 \
         WHERE id = $3 AND version = $4",
        true,
        successor.map(ColumnId::uuid),
        column.uuid(),
        version,
    )?;
    one(touched)?;
    execute!(
        work.session(),
        "INSERT INTO column_former_path (site_id, path, column_id) \
         SELECT site_id, path, id FROM site_column WHERE id = $1 \
         ON CONFLICT (site_id, path) DO UPDATE SET column_id = excluded.column_id",
        column.uuid(),
    )?;
    Ok(())
}

/// Corrects the lists of the columns that are in one of `before` and `now` and not in the
/// other, as far as the documents at and below `among` are concerned.
async fn relist_difference(
    work: &mut UnitOfWork,
    before: &[ColumnId],
    now: &[ColumnId],
    among: ColumnId,
) -> Result<(), Error> {
    let left = before.iter().filter(|column| !now.contains(column));
    let entered = now.iter().filter(|column| !before.contains(column));
    for scope in left.chain(entered) {
        relist(work, *scope, among).await?;
    }
    Ok(())
}

/// Writes the rows of the list `scope` anew for the documents at and below `among`.
async fn relist(work: &mut UnitOfWork, scope: ColumnId, among: ColumnId) -> Result<(), Error> {
    execute!(
        work.session(),
        "DELETE FROM listing WHERE scope_id = $1 AND document_id IN ( \
             SELECT p.document_id FROM column_ancestor a \
             JOIN placement_column pc ON pc.column_id = a.column_id \
             JOIN placement p ON p.id = pc.placement_id WHERE a.ancestor_id = $2)",
        scope.uuid(),
        among.uuid(),
    )?;
    // One site holds a document once, so a column's row needs no choice among placements.
    execute!(
        work.session(),
        "INSERT INTO listing (scope_id, document_id, type, locale, sort_at) \
         SELECT DISTINCT shown.ancestor_id, d.id, d.type, d.locale, \
                COALESCE(d.originally_published_at, \
                         CASE WHEN p.own THEN d.first_published_at ELSE p.first_published_at END) \
         FROM column_ancestor a \
         JOIN placement_column pc ON pc.column_id = a.column_id \
         JOIN placement p ON p.id = pc.placement_id AND p.visibility = 'live' \
         JOIN document d ON d.id = p.document_id AND d.visibility = 'live' \
         JOIN placement_column every ON every.placement_id = p.id \
         JOIN column_ancestor shown ON shown.column_id = every.column_id AND shown.ancestor_id = $1 \
         WHERE a.ancestor_id = $2",
        scope.uuid(),
        among.uuid(),
    )?;
    Ok(())
}

/// The place of the first character behind `prefix`, counted from 1 as SQL does; columns and
/// locales are ASCII, so characters are bytes.
fn after(prefix: &str) -> Result<i32, Error> {
    i32::try_from(prefix.len() + 1).map_err(|error| Error::corrupt("path", error))
}

fn length(text: &str) -> Result<i64, Error> {
    i64::try_from(text.len()).map_err(|error| Error::corrupt("path", error))
}
