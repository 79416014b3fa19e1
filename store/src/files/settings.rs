//! Where the files are and how the store is reached.

use std::{fmt, path::PathBuf};

use schema::message::Bilingual;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::FileError;

/// A secret of the settings: printing it prints nothing of it, dropping it wipes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// What [`open`](super::open) needs besides the address.
#[derive(Clone, Debug, Default)]
pub struct FileSettings {
    /// Folder for bodies on their way to S3, on a disk with room for the largest of them; made
    /// when missing. A local store has its own inside its folder.
    pub staging: PathBuf,
    /// Only for `s3://`.
    pub s3: S3Settings,
}

/// How an S3-compatible service is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3Settings {
    /// Address of the service, `https://…`; without it, that of the region at AWS.
    pub endpoint: Option<String>,
    /// Region to sign for. Optional with an endpoint: `us-east-1`, which most services accept.
    pub region: Option<String>,
    /// Access key.
    pub access_key: Option<String>,
    /// Secret key.
    pub secret_key: Option<Secret>,
    /// Bucket in the path and not in the host name, as most services of one's own want it.
    pub path_style: bool,
    /// Encryption at rest by the service; without it, as the bucket says.
    pub encryption: Option<Encryption>,
}

/// Encryption at rest, done by the service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// With keys of the service (SSE-S3).
    Aes256,
    /// With the named key of a key service (SSE-KMS).
    Kms(String),
}

/// A parsed address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Location {
    Folder(PathBuf),
    Bucket { bucket: String, prefix: String },
}

impl Location {
    pub(super) fn parse(url: &str) -> Result<Self, FileError> {
        if let Some(path) = url.strip_prefix("file://")
            && !path.is_empty()
        {
            return Ok(Self::Folder(PathBuf::from(path)));
        }
        if let Some(rest) = url.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let prefix = prefix.trim_matches('/');
            let odd = |part: &str| part.is_empty() || part == "." || part == "..";
            if is_bucket(bucket) && (prefix.is_empty() || !prefix.split('/').any(odd)) {
                return Ok(Self::Bucket { bucket: bucket.into(), prefix: prefix.into() });
            }
        }
        // The address is not repeated: somebody may have put a password into it.
        Err(FileError::Settings(Bilingual::new(
            "GONGBAO_ASSETS 应写作 file:///绝对路径、file://相对路径 或 s3://存储桶/前缀",
            "GONGBAO_ASSETS is written file:///absolute/path, file://relative/path or \
             s3://bucket/prefix",
        )))
    }
}

/// Whether `name` may be the name of a bucket.
fn is_bucket(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
        && !name.starts_with(['.', '-'])
        && !name.ends_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_folder_or_a_bucket() {
        let folder = |path: &str| Location::Folder(path.into());
        let bucket = |bucket: &str, prefix: &str| Location::Bucket {
            bucket: bucket.into(),
            prefix: prefix.into(),
        };
        for (url, expected) in [
            ("file:///srv/公报", folder("/srv/公报")),
            ("file://gongbao-data/assets", folder("gongbao-data/assets")),
            ("s3://gazette", bucket("gazette", "")),
            ("s3://gazette/", bucket("gazette", "")),
            ("s3://gazette/hub/assets/", bucket("gazette", "hub/assets")),
        ] {
            assert_eq!(Location::parse(url).unwrap(), expected, "{url}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_it() {
        for url in [
            "",
            "/srv/assets",
            "file://",
            "s3://",
            "s3://Gazette",
            "s3://key:hunter2@gazette/hub",
            "s3://gazette/a/../b",
            "https://gazette.example/hunter2",
        ] {
            let refused = Location::parse(url).unwrap_err();
            assert!(matches!(refused, FileError::Settings(_)), "{url}");
            assert!(!format!("{refused} {refused:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let settings: S3Settings = serde_json::from_value(serde_json::json!({
            "access_key": "hub", "secret_key": "hunter2", "encryption": { "kms": "alias/hub" },
        }))
        .unwrap();

        assert_eq!(settings.secret_key.as_ref().map(Secret::reveal), Some("hunter2"));
        assert_eq!(settings.encryption, Some(Encryption::Kms("alias/hub".into())));
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn an_unknown_setting_is_an_error() {
        serde_json::from_str::<S3Settings>(r#"{ "regoin": "cn-north-1" }"#).unwrap_err();
    }
}
