//! Values that no two contents of a site or an authority may both hold (索引号). Claims are
//! held per content id, so translations share them.

use schema::{
    ids::ContentId,
    names::{FieldName, TypeName},
};
use uuid::Uuid;

use crate::{Error, UnitOfWork};

/// A value that must be unique, and within what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The site or the authority.
    pub scope: Uuid,
    /// The content type.
    pub r#type: TypeName,
    /// The field.
    pub field: FieldName,
    /// The value's key.
    pub key: Vec<u8>,
}

/// Claims a value for `content`; gives the content that holds it, if another does.
///
/// # Errors
/// [`Error::Database`].
pub async fn claim(
    work: &mut UnitOfWork,
    content: ContentId,
    claim: &Claim,
) -> Result<Option<ContentId>, Error> {
    execute!(
        work.session(),
        "INSERT INTO unique_claim (scope_id, type, field, key, content_id) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (scope_id, type, field, key) DO NOTHING",
        claim.scope,
        claim.r#type.as_str(),
        claim.field.as_str(),
        claim.key.as_slice(),
        content.uuid(),
    )?;
    let holder = fetch_optional!(
        work.session(),
        (Uuid,),
        "SELECT content_id FROM unique_claim WHERE scope_id = $1 AND type = $2 AND field = $3 AND key = $4",
        claim.scope,
        claim.r#type.as_str(),
        claim.field.as_str(),
        claim.key.as_slice(),
    )?;
    Ok(holder.map(|(holder,)| holder.into()).filter(|holder| *holder != content))
}

/// Whether `content` claims any value.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_held(work: &mut UnitOfWork, content: ContentId) -> Result<bool, Error> {
    let held = fetch_optional!(
        work.session(),
        (Uuid,),
        "SELECT scope_id FROM unique_claim WHERE content_id = $1 LIMIT 1",
        content.uuid(),
    )?;
    Ok(held.is_some())
}

/// Gives back every claim of `content` that is not among `kept`.
///
/// # Errors
/// [`Error::Database`].
pub async fn release_others(
    work: &mut UnitOfWork,
    content: ContentId,
    kept: &[Claim],
) -> Result<(), Error> {
    let held = fetch_all!(
        work.session(),
        (Uuid, String, String, Vec<u8>),
        "SELECT scope_id, type, field, key FROM unique_claim WHERE content_id = $1",
        content.uuid(),
    )?;
    for (scope, r#type, field, key) in held {
        let is_kept = kept.iter().any(|claim| {
            claim.scope == scope
                && claim.r#type.as_str() == r#type
                && claim.field.as_str() == field
                && claim.key == key
        });
        if !is_kept {
            execute!(
                work.session(),
                "DELETE FROM unique_claim WHERE scope_id = $1 AND type = $2 AND field = $3 AND key = $4",
                scope,
                r#type,
                field,
                key,
            )?;
        }
    }
    Ok(())
}
