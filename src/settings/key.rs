//! The master key: from the settings, or from a file in the data folder.

use std::path::{Path, PathBuf};

use editorial::sign_in::SignIn;
use schema::{message::Bilingual, parameters::Entropy};
use store::vault::MasterKey;

use super::{Settings, private_folder};
use crate::failure::Failure;

/// Where the master key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// It was set.
    Variable,
    /// This file.
    File(PathBuf),
}

impl Settings {
    /// Where the master key comes from; the file need not be there yet.
    pub(crate) fn key_source(&self) -> KeySource {
        match self.master_key {
            Some(_) => KeySource::Variable,
            None => KeySource::File(self.key_file()),
        }
    }

    fn key_file(&self) -> PathBuf {
        let file = self.database_url.strip_prefix("sqlite://").map(Path::new);
        let folder = file.and_then(Path::parent).unwrap_or(Path::new("./gongbao-data"));
        folder.join("master.key")
    }

    /// Signing in, by the settings and under the master key.
    ///
    /// # Errors
    /// As [`master_key`](Self::master_key).
    pub(crate) fn sign_in(&self, entropy: &dyn Entropy) -> Result<SignIn, Failure> {
        Ok(SignIn::new(self.sign_in.rules(), self.master_key(entropy)?))
    }

    /// The key that encrypts secrets at rest, of channels and of second factors: the one that was set, or that of the file
    /// `master.key` beside the database, made when it is missing.
    ///
    /// # Errors
    /// A key of another form, or a file that cannot be made or that others may read.
    pub(crate) fn master_key(&self, entropy: &dyn Entropy) -> Result<MasterKey, Failure> {
        if let Some(key) = &self.master_key {
            return MasterKey::parse(key).map_err(|wrong| {
                Failure::settings(Bilingual::new(
                    format!("GONGBAO_MASTER_KEY 有误：{}", wrong.zh),
                    format!("GONGBAO_MASTER_KEY is wrong: {}", wrong.en),
                ))
            });
        }
        let file = self.key_file();
        let folder = file.parent().unwrap_or(Path::new("."));
        let made = if folder.is_dir() { Ok(()) } else { private_folder(folder) };
        made.and_then(|()| MasterKey::from_file(&file, entropy)).map_err(|error| {
            let shown = file.display();
            Failure::settings(Bilingual::new(
                format!("主密钥文件 {shown} 无法使用：{error}"),
                format!("the master key file {shown} cannot be used: {error}"),
            ))
        })
    }
}
