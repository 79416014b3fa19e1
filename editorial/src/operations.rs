//! What front ends publish: the operations of a version of a client, which are trusted from then
//! on. Whoever publishes has checked the texts against the schema.

use std::collections::HashMap;

use schema::{
    client::ClientVersion,
    digest::Digest,
    message::Fault,
    permission::{Action, Touched, may},
};
use serde_json::json;
use store::{
    UnitOfWork, audit,
    persisted::clients::{self, Operation},
};

use crate::{Error, Refusal};

/// Operations of one version of a client.
pub const MOST_OPERATIONS: usize = 5_000;
/// Characters of an identifier.
const LONGEST_ID: usize = 128;

/// Publishes `operations` for `client`, in place of what was published for it before.
///
/// # Errors
/// Missing permission to administer the hub; [`Refusal::Invalid`] for each identifier that
/// cannot be used, is given twice or stands for another text of some client.
pub async fn publish(
    work: &mut UnitOfWork,
    client: &ClientVersion,
    operations: &[Operation],
) -> Result<(), Error> {
    permit(work)?;
    let mut faults = Vec::new();
    if !(1..=MOST_OPERATIONS).contains(&operations.len()) {
        faults.push(Fault::new(
            "",
            "length",
            format!("应有 1 至 {MOST_OPERATIONS} 个操作，现有 {} 个", operations.len()),
            format!("give 1 to {MOST_OPERATIONS} operations, not {}", operations.len()),
        ));
    }
    let mut known: HashMap<&str, Digest> = HashMap::new();
    for Operation { id, document, .. } in operations {
        if !is_id(id) {
            faults.push(Fault::new(
                id.chars().take(LONGEST_ID).collect::<String>(),
                "pattern",
                format!("标识应为 1 至 {LONGEST_ID} 个字母、数字或 . _ : -"),
                format!("an identifier is 1 to {LONGEST_ID} letters, digits or . _ : -"),
            ));
        } else if known.insert(id, document.digest).is_some() {
            faults.push(Fault::new(id, "duplicate", "标识重复", "it is given twice"));
        } else if Digest::from_hex(id).is_ok_and(|named| named != document.digest) {
            faults.push(Fault::new(
                id,
                "digest",
                "标识形如 SHA-256，却不是文本的 SHA-256",
                "it looks like a SHA-256 and is not that of the text",
            ));
        } else if is_of_another(work, id, document.digest).await? {
            faults.push(Fault::new(
                id,
                "taken",
                "此标识已代表另一份查询文本（由某个客户端发布）：请用文本的 SHA-256 作标识",
                "it stands for another text already, published for some client: \
                 let the SHA-256 of the text be its identifier",
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    clients::publish(work, client, operations).await?;
    let details = json!({ "operations": operations.len() });
    Ok(audit::record(work, "client.publishOperations", &subject(client), &details).await?)
}

/// Takes back what was published for `client`; gives how many operations it had.
///
/// # Errors
/// Missing permission to administer the hub; a version for which nothing was published.
pub async fn remove(work: &mut UnitOfWork, client: &ClientVersion) -> Result<u64, Error> {
    permit(work)?;
    let removed = clients::remove(work, client).await?;
    let operations = removed.ok_or_else(|| Refusal::not_found("client", client))?;
    let details = json!({ "operations": operations });
    audit::record(work, "client.remove", &subject(client), &details).await?;
    Ok(operations)
}

fn permit(work: &UnitOfWork) -> Result<(), Error> {
    match may(work.actor(), Action::Administer, &Touched::default()) {
        true => Ok(()),
        false => Err(Refusal::NotPermitted(Action::Administer).into()),
    }
}

/// Whether `id` stands for another text already.
async fn is_of_another(work: &mut UnitOfWork, id: &str, digest: Digest) -> Result<bool, Error> {
    let known = clients::digest_of(work.session(), id).await?;
    Ok(known.is_some_and(|known| known != digest))
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(plain)
}

fn subject(client: &ClientVersion) -> String {
    format!("client:{client}")
}
