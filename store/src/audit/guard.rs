//! Whether the database still refuses that rows of the audit are changed or deleted: who may alter
//! its structure could have told it not to.

use crate::{Error, Session};

/// What refuses it, on either database.
const TRIGGERS: [&str; 6] = [
    "audit_never_changes",
    "audit_never_goes_early",
    "audit_head_only_grows",
    "audit_head_never_goes",
    "audit_checkpoint_never_changes",
    "audit_checkpoint_never_goes",
];

/// The triggers that are missing or do not fire.
///
/// # Errors
/// [`Error::Database`].
pub async fn missing(session: &mut Session) -> Result<Vec<&'static str>, Error> {
    let sql = dialect!(session,
        sqlite: "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'audit%'",
        postgres: "SELECT CAST(t.tgname AS TEXT) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
                   JOIN pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = current_schema() AND c.relname LIKE 'audit%' AND t.tgenabled IN ('O', 'A')",
    );
    let found = fetch_all!(session, (String,), sql)?;
    let stands = |name: &&str| found.iter().any(|(found,)| found == name);
    Ok(TRIGGERS.into_iter().filter(|name| !stands(name)).collect())
}
