//! Settings of `gongbao serve`: the table `[http]` and how it logs.

use std::{fmt, str::FromStr, time::Duration};

use api::{
    CachingSettings, ServerSettings,
    content::{LiveSettings, Statuses},
    http::Network,
};
use serde::{Deserialize, Deserializer, de};
use toml::{Table, Value};

/// The table `[http]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpSettings {
    /// Proxies whose `X-Request-Id` and `X-Forwarded-For` are believed.
    #[serde(deserialize_with = "networks")]
    trusted_proxies: Vec<Network>,
    #[serde(deserialize_with = "number")]
    connections: u32,
    #[serde(deserialize_with = "number")]
    concurrency: u32,
    #[serde(deserialize_with = "number")]
    time_limit_seconds: u32,
    #[serde(deserialize_with = "number")]
    stop_limit_seconds: u32,
    /// Megabytes; 0 keeps no answers.
    #[serde(deserialize_with = "number_or_none")]
    content_cache_megabytes: u32,
    /// Megabytes; 0 reads everything again for each answer that is made.
    #[serde(deserialize_with = "number_or_none")]
    content_shelf_megabytes: u32,
    /// Published operations alone for whoever has no token.
    content_trusted_documents_only: bool,
    /// Which HTTP statuses say what became of a question.
    content_statuses: ContentStatuses,
    /// Points a minute; 0 counts nothing.
    #[serde(deserialize_with = "number_or_none")]
    content_points_per_address: u32,
    #[serde(deserialize_with = "number_or_none")]
    content_points_per_token: u32,
    /// Seconds for which what the public is given may be kept outside.
    #[serde(deserialize_with = "number_or_none")]
    cache_answers_seconds: u32,
    #[serde(deserialize_with = "number_or_none")]
    cache_files_seconds: u32,
    #[serde(deserialize_with = "number_or_none")]
    cache_shared_seconds: u32,
    #[serde(deserialize_with = "number_or_none")]
    cache_stale_seconds: u32,
    #[serde(deserialize_with = "number_or_none")]
    cache_stale_if_error_seconds: u32,
    /// Whether it says by which tags it is dropped.
    cache_tags: bool,
    /// Listening connections.
    #[serde(deserialize_with = "number")]
    live_connections: u32,
    #[serde(deserialize_with = "number")]
    live_connections_per_address: u32,
    /// On one WebSocket.
    #[serde(deserialize_with = "number")]
    live_operations: u32,
    #[serde(deserialize_with = "number")]
    live_distinct: u32,
    #[serde(deserialize_with = "number")]
    live_patience_seconds: u32,
}

impl Default for HttpSettings {
    fn default() -> Self {
        let server = ServerSettings::default();
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let megabytes = |bytes: u64| u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        Self {
            trusted_proxies: server.trusted_proxies,
            connections: count(server.connections),
            concurrency: count(server.concurrency),
            time_limit_seconds: seconds(server.time_limit),
            stop_limit_seconds: seconds(server.stop_limit),
            content_cache_megabytes: megabytes(server.content_cache_bytes),
            content_shelf_megabytes: megabytes(server.content_shelf_bytes),
            content_trusted_documents_only: server.trusted_documents_only,
            content_statuses: ContentStatuses::default(),
            content_points_per_address: server.points_per_address,
            content_points_per_token: server.points_per_token,
            cache_answers_seconds: server.caching.answers,
            cache_files_seconds: server.caching.files,
            cache_shared_seconds: server.caching.shared,
            cache_stale_seconds: server.caching.stale,
            cache_stale_if_error_seconds: server.caching.stale_if_error,
            cache_tags: server.caching.tags,
            live_connections: count(server.live.connections),
            live_connections_per_address: count(server.live.per_address),
            live_operations: count(server.live.operations),
            live_distinct: count(server.live.distinct),
            live_patience_seconds: seconds(server.live.patience),
        }
    }
}

impl HttpSettings {
    /// As the server takes them.
    pub(crate) fn server(&self, public_url: Option<String>) -> ServerSettings {
        ServerSettings {
            public_url,
            trusted_proxies: self.trusted_proxies.clone(),
            connections: self.connections as usize,
            concurrency: self.concurrency as usize,
            time_limit: Duration::from_secs(self.time_limit_seconds.into()),
            stop_limit: Duration::from_secs(self.stop_limit_seconds.into()),
            content_cache_bytes: u64::from(self.content_cache_megabytes) << 20,
            content_shelf_bytes: u64::from(self.content_shelf_megabytes) << 20,
            trusted_documents_only: self.content_trusted_documents_only,
            content_statuses: self.content_statuses.into(),
            points_per_address: self.content_points_per_address,
            points_per_token: self.content_points_per_token,
            caching: CachingSettings {
                answers: self.cache_answers_seconds,
                files: self.cache_files_seconds,
                shared: self.cache_shared_seconds,
                stale: self.cache_stale_seconds,
                stale_if_error: self.cache_stale_if_error_seconds,
                tags: self.cache_tags,
            },
            live: LiveSettings {
                connections: self.live_connections as usize,
                per_address: self.live_connections_per_address as usize,
                operations: self.live_operations as usize,
                distinct: self.live_distinct as usize,
                patience: Duration::from_secs(self.live_patience_seconds.into()),
            },
            // What lies in files of its own is read apart.
            ..ServerSettings::default()
        }
    }

    /// Seconds for which a cache outside may show what was taken back, unless it is told.
    pub(crate) fn kept_outside(&self) -> u32 {
        let fresh =
            self.cache_answers_seconds.max(self.cache_files_seconds).max(self.cache_shared_seconds);
        fresh.saturating_add(self.cache_stale_seconds.max(self.cache_stale_if_error_seconds))
    }

    /// Whether answers carry tags.
    pub(crate) const fn tells_tags(&self) -> bool {
        self.cache_tags
    }

    /// As they stand in a file.
    pub(super) fn table(&self) -> Table {
        let number = |number: u32| Value::Integer(number.into());
        let proxies = self.trusted_proxies.iter().map(|range| Value::String(range.to_string()));
        Table::from_iter([
            ("trusted_proxies".to_owned(), Value::Array(proxies.collect())),
            ("connections".to_owned(), number(self.connections)),
            ("concurrency".to_owned(), number(self.concurrency)),
            ("time_limit_seconds".to_owned(), number(self.time_limit_seconds)),
            ("stop_limit_seconds".to_owned(), number(self.stop_limit_seconds)),
            ("content_cache_megabytes".to_owned(), number(self.content_cache_megabytes)),
            ("content_shelf_megabytes".to_owned(), number(self.content_shelf_megabytes)),
            (
                "content_trusted_documents_only".to_owned(),
                Value::Boolean(self.content_trusted_documents_only),
            ),
            ("content_statuses".to_owned(), Value::String(self.content_statuses.to_string())),
            ("content_points_per_address".to_owned(), number(self.content_points_per_address)),
            ("content_points_per_token".to_owned(), number(self.content_points_per_token)),
            ("cache_answers_seconds".to_owned(), number(self.cache_answers_seconds)),
            ("cache_files_seconds".to_owned(), number(self.cache_files_seconds)),
            ("cache_shared_seconds".to_owned(), number(self.cache_shared_seconds)),
            ("cache_stale_seconds".to_owned(), number(self.cache_stale_seconds)),
            ("cache_stale_if_error_seconds".to_owned(), number(self.cache_stale_if_error_seconds)),
            ("cache_tags".to_owned(), Value::Boolean(self.cache_tags)),
            ("live_connections".to_owned(), number(self.live_connections)),
            ("live_connections_per_address".to_owned(), number(self.live_connections_per_address)),
            ("live_operations".to_owned(), number(self.live_operations)),
            ("live_distinct".to_owned(), number(self.live_distinct)),
            ("live_patience_seconds".to_owned(), number(self.live_patience_seconds)),
        ])
    }
}

/// The statuses of the content API's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContentStatuses {
    /// Those that every client knows.
    #[default]
    Settled,
    /// Those of the newer draft of GraphQL over HTTP.
    Draft,
}

impl fmt::Display for ContentStatuses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Settled => "settled",
            Self::Draft => "draft",
        })
    }
}

impl From<ContentStatuses> for Statuses {
    fn from(statuses: ContentStatuses) -> Self {
        match statuses {
            ContentStatuses::Settled => Self::Settled,
            ContentStatuses::Draft => Self::Draft,
        }
    }
}

/// How the server logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// A number above 0; from a variable it comes as text.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = whole_number(deserializer)?.filter(|number| *number > 0);
    number.ok_or_else(|| de::Error::custom("应为大于 0 的整数 / give a whole number above 0"))
}

/// A number, or 0 for nothing at all.
pub(super) fn number_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = whole_number(deserializer)?;
    number.ok_or_else(|| de::Error::custom("应为整数，不小于 0 / give a whole number, 0 or more"))
}

pub(super) fn whole_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(i64),
        Text(String),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::Number(number) => u32::try_from(number).ok(),
        Given::Text(text) => text.trim().parse().ok(),
    })
}

/// A list, or in a variable a text with commas.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    let texts = match Given::deserialize(deserializer)? {
        Given::List(texts) => texts,
        Given::Text(text) if text.trim().is_empty() => Vec::new(),
        Given::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    texts.iter().map(|text| Network::from_str(text).map_err(de::Error::custom)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_and_a_file_say_the_same() {
        let file = "trusted_proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]\nconcurrency = 64\n";
        let variables = "trusted_proxies = \"10.0.0.0/8,127.0.0.1\"\nconcurrency = \"64\"\n";
        let read = |text| toml::from_str::<HttpSettings>(text).expect("settings").table();

        assert_eq!(read(file), read(variables));
    }

    #[test]
    fn a_number_that_makes_no_sense_is_refused() {
        for wrong in
            ["concurrency = 0", "concurrency = -1", "concurrency = \"many\"", "connections = 1.5"]
        {
            toml::from_str::<HttpSettings>(wrong).unwrap_err();
        }
    }
}
