//! What can be seen of a hub's places from outside its work: of the database server, the
//! structure, the disks. Looks and changes nothing; judges nothing either, which is `gongbao
//! doctor`'s part.

use std::path::Path;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Engine, Error, Session, Store,
    moment::Moment,
    open::{POSTGRES_CONNECTIONS, checksums},
};

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// A file.
    Sqlite {
        /// Version of the engine, which is in the program.
        version: String,
        /// `wal`, in which a hub leaves it.
        journal: String,
        /// What a quick look through its pages found; nothing is well.
        damage: Vec<String>,
    },
    /// A server.
    Postgres {
        /// Its version.
        version: String,
        /// The first part of it.
        major: u32,
        /// Encoding of the database.
        encoding: String,
        /// Settings that are off and on which no acknowledgement survives a crash.
        unsafe_settings: Vec<String>,
        /// Connections it allows, over all programs.
        connections: u32,
        /// Connections that each process of the hub may open.
        pool: u32,
        /// Whether it only follows another server.
        replica: bool,
        /// Its clock.
        clock: Timestamp,
    },
}

/// The structure of a database, against this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// There is none yet.
    None,
    /// It is that of this program.
    Current(i64),
    /// A start of this program would bring it up to date.
    Behind {
        /// Its newest migration.
        applied: i64,
        /// The program's.
        known: i64,
    },
    /// A newer program has been here.
    Newer {
        /// Its newest migration.
        applied: i64,
        /// The program's.
        known: i64,
    },
    /// This migration is not the one that was applied, or did not come to its end.
    Altered(i64),
}

/// What the database is and how it is set.
///
/// # Errors
/// [`Error::Database`].
pub async fn server(session: &mut Session) -> Result<Server, Error> {
    match session.engine() {
        Engine::Sqlite => sqlite(session).await,
        Engine::Postgres => postgres(session).await,
    }
}

async fn sqlite(session: &mut Session) -> Result<Server, Error> {
    let version = text(session, "SELECT sqlite_version()").await?;
    let journal = text(session, "PRAGMA journal_mode").await?;
    let damage = fetch_all!(session, (String,), "PRAGMA quick_check(5)")?;
    let damage = damage.into_iter().map(|(line,)| line).filter(|line| line != "ok").collect();
    Ok(Server::Sqlite { version, journal, damage })
}

async fn postgres(session: &mut Session) -> Result<Server, Error> {
    let version = text(session, "SELECT current_setting('server_version')").await?;
    let number = text(session, "SELECT current_setting('server_version_num')").await?;
    let encoding = text(session, "SELECT current_setting('server_encoding')").await?;
    let mut unsafe_settings = Vec::new();
    for (name, sql) in [
        ("fsync", "SELECT current_setting('fsync')"),
        ("full_page_writes", "SELECT current_setting('full_page_writes')"),
    ] {
        if text(session, sql).await? != "on" {
            unsafe_settings.push(name.to_owned());
        }
    }
    let connections = text(session, "SELECT current_setting('max_connections')").await?;
    let facts =
        fetch_optional!(session, (bool, Moment), "SELECT pg_is_in_recovery(), clock_timestamp()",)?;
    let (replica, Moment(clock)) =
        facts.ok_or_else(|| Error::corrupt("clock", "the server did not say"))?;
    Ok(Server::Postgres {
        version,
        major: number.parse::<u32>().map_or(0, |number| number / 10_000),
        encoding,
        unsafe_settings,
        connections: connections.parse().unwrap_or(0),
        pool: POSTGRES_CONNECTIONS,
        replica,
        clock,
    })
}

async fn text(session: &mut Session, sql: &'static str) -> Result<String, Error> {
    Ok(fetch_optional!(session, (String,), sql)?.map(|(text,)| text).unwrap_or_default())
}

/// The structure that is there. No other question of this module but [`server`] has an answer
/// unless it is [`Structure::Current`].
///
/// # Errors
/// [`Error::Database`].
pub async fn structure(store: &Store) -> Result<Structure, Error> {
    let mut session = store.reader().await?;
    let there = dialect!(session,
        sqlite: "SELECT COUNT(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
        postgres: "SELECT COUNT(*) FROM information_schema.tables \
                   WHERE table_schema = current_schema() AND table_name = '_sqlx_migrations'",
    );
    if fetch_optional!(session, (i64,), there)? == Some((0,)) {
        return Ok(Structure::None);
    }
    let applied = fetch_all!(
        session,
        (i64, Vec<u8>, bool),
        "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version",
    )?;
    let known = checksums(store.engine());
    let newest = known.last().map_or(0, |(version, _)| *version);
    for (version, checksum, success) in &applied {
        let ours = known.iter().find(|(known, _)| known == version);
        if !success || ours.is_some_and(|(_, ours)| ours != checksum) {
            return Ok(Structure::Altered(*version));
        }
    }
    let applied = applied.last().map_or(0, |(version, ..)| *version);
    Ok(match applied.cmp(&newest) {
        _ if applied == 0 => Structure::None,
        std::cmp::Ordering::Less => Structure::Behind { applied, known: newest },
        std::cmp::Ordering::Equal => Structure::Current(applied),
        std::cmp::Ordering::Greater => Structure::Newer { applied, known: newest },
    })
}

/// How many people may administer the whole hub.
///
/// # Errors
/// [`Error::Database`].
pub async fn administrators(session: &mut Session) -> Result<u64, Error> {
    let role = schema::permission::Role::PlatformAdministrator.as_str();
    let count = fetch_optional!(
        session,
        (i64,),
        "SELECT COUNT(*) FROM person p WHERE p.disabled_at IS NULL AND EXISTS (SELECT 1 FROM role_grant g \
         WHERE g.holder_id = p.id AND g.role = $1 AND g.scope = 'hub')",
        role,
    )?;
    Ok(count.map_or(0, |(count,)| count.unsigned_abs()))
}

/// Since when the oldest delivery that can be tried waits for its target.
///
/// # Errors
/// [`Error::Database`].
pub async fn waiting_since(
    session: &mut Session,
    target: schema::ids::TargetId,
) -> Result<Option<Timestamp>, Error> {
    let target: Uuid = target.uuid();
    let oldest = fetch_optional!(
        session,
        (Option<Moment>,),
        "SELECT MIN(created_at) FROM delivery WHERE target_id = $1 AND state = 'pending'",
        target,
    )?;
    Ok(oldest.and_then(|(at,)| at).map(|Moment(at)| at))
}

/// Bytes that an ordinary user may still write to the disk of `place`; `None` where nobody can
/// say.
pub fn free_space(place: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(place).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// The kind of network file system that `place` lies on, whose locks SQLite cannot trust;
/// `None` for a disk of this machine.
pub fn network_file_system(place: &Path) -> Option<&'static str> {
    // `man 2 statfs`.
    const KINDS: [(u32, &str); 8] = [
        (0x0000_6969, "NFS"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB2"),
        (0x0000_517b, "SMB"),
        (0x0102_1997, "9P"),
        (0x00c3_6400, "Ceph"),
        (0x5346_414f, "AFS"),
        (0x0bd0_0bd0, "Lustre"),
    ];
    let kind = rustix::fs::statfs(place).ok()?.f_type;
    KINDS.iter().find(|(magic, _)| i64::from(*magic) == kind & 0xffff_ffff).map(|(_, name)| *name)
}
