//! Putting content types in force: what is stored decides whether a change of their files may
//! pass.

use schema::{
    content_type::{ContentType, Field, FieldKind, Severity, TypeChange, TypeRegistry},
    log::{ArrangedChange, ArrangedThing, Arrangement},
    message::Bilingual,
    names::FieldName,
    permission::{Action, Touched, may},
};
use serde_json::json;
use store::{Session, UnitOfWork, audit, log::NewEvent, search, types};

use crate::{Desk, Error, Refusal};

/// Holds the desk's types against those in force and puts them in force. Changes that would
/// orphan or invalidate stored documents are refused unless the operator `accepts` that.
/// Gives what changed; nothing is written when nothing did.
///
/// # Errors
/// [`Refusal::TypesWouldOrphan`] with every such change; missing permission.
pub async fn put_in_force(
    desk: &Desk,
    work: &mut UnitOfWork,
    accepts: bool,
) -> Result<Vec<TypeChange>, Error> {
    if !may(work.actor(), Action::ArrangeAuthorities, &Touched::default()) {
        return Err(Refusal::NotPermitted(Action::ArrangeAuthorities).into());
    }
    types::lock(work).await?;
    let before = in_force(work.session()).await?;
    let changes = desk.types.changes_from(&before);
    let orphaning = orphaning(work.session(), &changes).await?;
    if !accepts && !orphaning.is_empty() {
        return Err(Refusal::TypesWouldOrphan(orphaning).into());
    }
    write(desk, work, &before).await?;
    Ok(changes)
}

/// What putting `new` in force would be refused for, beside the types in force now. Looks, and
/// changes nothing.
///
/// # Errors
/// [`Error::Store`].
pub async fn would_orphan(
    new: &TypeRegistry,
    session: &mut Session,
) -> Result<Vec<Bilingual>, Error> {
    let before = in_force(session).await?;
    orphaning(session, &new.changes_from(&before)).await
}

/// Those of `changes` that would orphan or invalidate what is stored.
async fn orphaning(session: &mut Session, changes: &[TypeChange]) -> Result<Vec<Bilingual>, Error> {
    let mut orphaning = Vec::new();
    for change in changes.iter().filter(|change| change.severity == Severity::Breaking) {
        if types::documents(session, change.content_type.as_str()).await? > 0 {
            orphaning.push(with_its_place(change));
        }
    }
    Ok(orphaning)
}

/// What a change comes to, with the type and field it is about.
fn with_its_place(change: &TypeChange) -> Bilingual {
    let mut place = change.content_type.to_string();
    if let Some(field) = &change.field {
        place = format!("{place}.{field}");
    }
    let Bilingual { zh, en } = &change.message;
    Bilingual::new(format!("{place}：{zh}"), format!("{place}: {en}"))
}

async fn in_force(session: &mut Session) -> Result<TypeRegistry, Error> {
    let stored = types::in_force(session).await?;
    let definitions = stored
        .iter()
        .map(|(_, definition)| ContentType::from_json(&definition.to_string()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| store::Error::Corrupt { what: "content type", why: error.to_string() })?;
    Ok(TypeRegistry::from_definitions(definitions))
}

async fn write(desk: &Desk, work: &mut UnitOfWork, before: &TypeRegistry) -> Result<(), Error> {
    for new in desk.types.iter() {
        let old = before.get(&new.name);
        if old == Some(new) {
            continue;
        }
        let unindexed = match types::documents(work.session(), new.name.as_str()).await? {
            0 => Vec::new(),
            _ => newly_indexed(old, new),
        };
        types::put(work, new.name.as_str(), &json!(new), &unindexed).await?;
        if old.is_none_or(|old| searched(old) != searched(new)) {
            search::wait_for(work, new.name.as_str()).await?;
        }
        let change = if old.is_some() { ArrangedChange::Changed } else { ArrangedChange::Created };
        leave(work, new, change).await?;
    }
    for old in before.iter().filter(|old| desk.types.get(&old.name).is_none()) {
        types::remove(work, old.name.as_str()).await?;
        leave(work, old, ArrangedChange::Closed).await?;
    }
    Ok(())
}

/// What full-text search looks into.
fn searched(content_type: &ContentType) -> Vec<(&FieldName, &FieldKind)> {
    let roles =
        [Some(&content_type.title), content_type.summary.as_ref(), content_type.body.as_ref()];
    let is_searched = |field: &&Field| field.searchable || roles.contains(&Some(&field.name));
    let fields = content_type.fields.iter().filter(is_searched);
    fields.map(|field| (&field.name, &field.kind)).collect()
}

/// Fields whose values were not in the indexes before.
fn newly_indexed(old: Option<&ContentType>, new: &ContentType) -> Vec<FieldName> {
    let in_index = |field: &Field| field.filterable || field.sortable;
    new.fields
        .iter()
        .filter(|field| in_index(field))
        .filter(|field| {
            let before = old.and_then(|old| old.field(field.name.as_str()));
            !before.is_some_and(|before| in_index(before) && before.sortable >= field.sortable)
        })
        .map(|field| field.name.clone())
        .collect()
}

async fn leave(
    work: &mut UnitOfWork,
    content_type: &ContentType,
    change: ArrangedChange,
) -> Result<(), Error> {
    let key = content_type.name.to_string();
    let subject = format!("type:{key}");
    work.record(NewEvent::Arrangement(Arrangement {
        what: ArrangedThing::Type,
        key,
        change,
        becomes: None,
    }));
    let details = json!({ "change": change, "version": content_type.version });
    Ok(audit::record(work, "type.put_in_force", &subject, &details).await?)
}
