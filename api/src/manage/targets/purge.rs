//! How a cache outside is told what to drop, as it is said and shown.

use async_graphql::{Enum, InputObject, SimpleObject};
use schema::delivery;
use serde::{Deserialize, Serialize};

/// 按什么清除 / By what a cache drops what it holds
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum PurgeBy {
    /// 按应答所带的标签 / By the tags that answers carry
    Tags,
    /// 按地址：页面、栏目、订阅源与站点地图 / By address: pages, columns, feeds and sitemaps
    Addresses,
}

/// 通知外部缓存清除的方式 / How a cache outside is told what to drop
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "PurgeInput")]
pub(crate) struct Purge {
    /// 按什么清除 / By what
    by: PurgeBy,
    /// 请求方法：PURGE、BAN、POST / The method of the calls
    #[graphql(default_with = "\"PURGE\".to_owned()")]
    method: String,
    /// 携带标签的请求头 / The header that names the tags, where they go in one
    header: Option<String>,
    /// 其中标签之间的分隔 / What stands between tags in it
    #[graphql(default_with = "\" \".to_owned()")]
    separator: String,
    /// JSON 请求体：{tags} 或 {urls} 处填入数组 / The body, JSON, where they go in one: {tags} or {urls} stands for an array
    body: Option<String>,
    /// 携带密钥的请求头 / The header that carries the secret
    secret_header: Option<String>,
    /// 其中密钥之前的文字，如 Bearer 加空格 / What stands before the secret in it
    #[graphql(default)]
    secret_prefix: String,
    /// 每次请求至多几个标签或地址，1 至 1000 / Tags or addresses in one call, 1 to 1,000
    #[graphql(default = 30)]
    per_call: u32,
    /// 站点域名之外，缓存提供订阅源与站点地图所用的域名 / Hosts under which the cache serves feeds and sitemaps, beside the domains of the sites
    #[graphql(default)]
    hosts: Vec<String>,
    /// 同样视为完成的状态码，如 404 / Statuses that mean done as well, such as 404
    #[graphql(default)]
    also_done: Vec<u16>,
}

impl From<Purge> for delivery::Purge {
    fn from(purge: Purge) -> Self {
        Self {
            by: match purge.by {
                PurgeBy::Tags => delivery::PurgeBy::Tags,
                PurgeBy::Addresses => delivery::PurgeBy::Addresses,
            },
            method: purge.method,
            header: purge.header,
            separator: purge.separator,
            body: purge.body,
            secret_header: purge.secret_header,
            secret_prefix: purge.secret_prefix,
            per_call: purge.per_call,
            hosts: purge.hosts,
            also_done: purge.also_done,
        }
    }
}

impl From<delivery::Purge> for Purge {
    fn from(purge: delivery::Purge) -> Self {
        Self {
            by: match purge.by {
                delivery::PurgeBy::Tags => PurgeBy::Tags,
                delivery::PurgeBy::Addresses => PurgeBy::Addresses,
            },
            method: purge.method,
            header: purge.header,
            separator: purge.separator,
            body: purge.body,
            secret_header: purge.secret_header,
            secret_prefix: purge.secret_prefix,
            per_call: purge.per_call,
            hosts: purge.hosts,
            also_done: purge.also_done,
        }
    }
}
