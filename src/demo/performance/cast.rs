//! Who the sample is delivered to: `examples/demo/receivers.toml`, compiled in.

use schema::{
    delivery::ColumnOf,
    message::Bilingual,
    names::{AuthorityKey, SiteKey},
};
use serde::Deserialize;
use serde_json::{Value, json};

const RECEIVERS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/demo/receivers.toml"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cast {
    #[serde(rename = "receiver")]
    receivers: Vec<Part>,
}

/// One receiver: its names, and what it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// The key of its target.
    pub(super) key: String,
    /// Who owns the target.
    authority: AuthorityKey,
    pub(super) name: Bilingual,
    /// A name for the head of a column.
    pub(super) short: Bilingual,
    /// What it is given, in words.
    pub(super) takes: Bilingual,
    /// Whether it is killed before the story.
    #[serde(default)]
    pub(super) goes_down: bool,
    #[serde(default)]
    full_text: bool,
    #[serde(default)]
    latest_state: bool,
    #[serde(default)]
    sites: Vec<SiteKey>,
    /// As `site:path`.
    #[serde(default, deserialize_with = "columns")]
    columns: Vec<ColumnOf>,
}

impl Part {
    /// The input of `createTarget`, for a receiver at `address` on this machine.
    pub(super) fn target(&self, address: std::net::SocketAddr) -> Value {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|column| json!({ "site": column.site, "path": column.path }))
            .collect();
        json!({
            "key": self.key,
            "authority": self.authority,
            "address": format!("http://{address}/in"),
            "sites": self.sites,
            "columns": columns,
            "declaration": if self.latest_state { "LATEST_STATE" } else { "EVERY_EVENT" },
            "form": if self.full_text { "FULL" } else { "FACTS" },
            "reach": {
                "ranges": [address.ip().to_string()],
                "http": true,
                "ports": [address.port()],
            },
        })
    }
}

fn columns<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<ColumnOf>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|column| column.parse().map_err(|wrong: Bilingual| serde::de::Error::custom(wrong)))
        .collect()
}

/// Every receiver, in the order of the file.
///
/// # Panics
/// Never in a build whose tests pass: the file is part of the program.
pub(super) fn cast() -> Vec<Part> {
    let cast: Cast = toml::from_str(RECEIVERS)
        .unwrap_or_else(|error| panic!("the embedded receivers are not understood: {error}"));
    cast.receivers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_receiver_goes_down_and_one_is_given_everything() {
        let cast = cast();

        assert_eq!(cast.iter().filter(|part| part.goes_down).count(), 1);
        let everything =
            cast.iter().filter(|part| part.sites.is_empty() && part.columns.is_empty());
        assert_eq!(everything.count(), 1);
    }
}
