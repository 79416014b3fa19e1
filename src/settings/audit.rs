//! How long the audit is kept.

use schema::audit::LEAST_DAYS;
use serde::{Deserialize, Deserializer, de};
use toml::{Table, Value};

use super::server::whole_number;

/// Settings of the audit.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditSettings {
    /// Days after which rows are deleted; the law's least, and ours, is [`LEAST_DAYS`].
    #[serde(deserialize_with = "days")]
    pub(crate) keep_days: u32,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { keep_days: LEAST_DAYS }
    }
}

impl AuditSettings {
    pub(super) fn table(&self) -> Table {
        Table::from_iter([("keep_days".to_owned(), Value::Integer(self.keep_days.into()))])
    }
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole_number(deserializer)?.filter(|days| *days >= LEAST_DAYS).ok_or_else(|| {
        de::Error::custom(format!(
            "审计记录至少保存 {LEAST_DAYS} 天，应为不小于它的整数 / the audit is kept for {LEAST_DAYS} days at least: give that or more"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_is_kept_for_four_hundred_days_at_least() {
        let read = |text| toml::from_str::<AuditSettings>(text).map(|read| read.keep_days);

        assert_eq!(read("").expect("the default"), 400);
        assert_eq!(read("keep_days = 400").expect("the least"), 400);
        assert_eq!(read("keep_days = \"1100\"").expect("a variable"), 1_100);
        for wrong in ["keep_days = 399", "keep_days = 0", "keep_days = -1", "keep_days = \"x\""] {
            assert!(read(wrong).expect_err(wrong).message().contains("400"), "{wrong}");
        }
    }
}
