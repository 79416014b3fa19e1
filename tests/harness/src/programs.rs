//! Where PostgreSQL's server programs are, and who may run them.

use std::{
    env, fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// Folder of the server's programs, when one is found: `GONGBAO_TEST_POSTGRES_BIN`, then the
/// search path, then the newest of `/usr/lib/postgresql/*/bin`, then what `pg_config` says.
pub fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("GONGBAO_TEST_POSTGRES_BIN") {
        return Some(PathBuf::from(named)).filter(|folder| is_complete(folder));
    }
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    on_path
        .unwrap_or_default()
        .into_iter()
        .chain(packaged(Path::new("/usr/lib/postgresql")))
        .chain(told.map(|told| PathBuf::from(String::from_utf8_lossy(&told.stdout).trim())))
        .find(|folder| is_complete(folder))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// The `bin` folders below `root`, one per major version, newest first.
fn packaged(root: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// Who the server runs as. PostgreSQL refuses to run as root; for root it runs as `postgres`,
/// or as `nobody` where that user does not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    /// The user of the tests.
    Ourselves,
    /// Another user, since we are root.
    Other {
        /// Numeric user id.
        user: u32,
        /// Numeric group id.
        group: u32,
    },
}

impl Owner {
    /// Decides from the user of this process.
    pub(crate) fn find() -> Result<Self> {
        if our_user()? != 0 {
            return Ok(Self::Ourselves);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(user), Ok(group)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Self::Other { user, group });
            }
        }
        bail!("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
    }

    /// A command that runs as this user, untouched by `PG…` variables of the environment.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if let Self::Other { user, group } = self {
            // Root's supplementary groups are dropped by the standard library with this.
            command.uid(user).gid(group);
        }
        command
    }

    /// Hands a file or folder over to this user.
    pub(crate) fn give(self, path: &Path) -> Result<()> {
        if let Self::Other { user, group } = self {
            std::os::unix::fs::chown(path, Some(user), Some(group))
                .with_context(|| format!("handing {} over", path.display()))?;
        }
        Ok(())
    }
}

/// Numeric id of the user of this process.
pub(crate) fn our_user() -> Result<u32> {
    id(&["-u"])
}

fn id(arguments: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(arguments).output().context("running `id`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| format!("`id {}`", arguments.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_packaged_server_comes_first() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9", "15", "18", "common"] {
            fs::create_dir_all(root.path().join(version).join("bin")).unwrap();
        }

        let found = packaged(root.path());

        let expected = ["18", "15", "9"].map(|version| root.path().join(version).join("bin"));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_folder_with_only_client_programs_is_not_a_server() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("psql"), "").unwrap();
        assert!(!is_complete(folder.path()));

        for program in ["initdb", "pg_ctl", "postgres"] {
            fs::write(folder.path().join(program), "").unwrap();
        }
        assert!(is_complete(folder.path()));
    }
}
