//! What can be said to `gongbao channel create` and `gongbao channel change`.

use std::{fs, io};

use ::schema::{
    delivery::{ColumnOf, Declaration, Form, Limits, Purge, Reach, Selector},
    message::Bilingual,
    names::{AuthorityKey, Locale, SiteKey, TypeName},
};
use clap::{Args, ValueEnum};
use editorial::targets::{GivenSecret, NewTarget, TargetChange};

/// A target to be created.
#[derive(Args)]
pub(crate) struct Create {
    /// 名称 / Its name
    target: String,
    /// 投放地址 / Where it is
    address: String,
    /// 所属机构 / Who owns it
    #[arg(long)]
    authority: AuthorityKey,
    /// 通道：webhook，或用于外部缓存的 purge / Its channel: webhook, or purge for a cache outside
    #[arg(long, default_value = "webhook")]
    channel: String,
    /// 仅这些站点（可重复） / Only these sites (may be repeated)
    #[arg(long = "site")]
    sites: Vec<SiteKey>,
    /// 仅这些栏目及其下级，写作 站点:路径（可重复） / Only these columns and below, as site:path
    #[arg(long = "column", value_parser = column)]
    columns: Vec<ColumnOf>,
    /// 仅这些内容类型（可重复） / Only these content types (may be repeated)
    #[arg(long = "type")]
    types: Vec<TypeName>,
    /// 仅这些语言（可重复） / Only these languages (may be repeated)
    #[arg(long = "locale")]
    locales: Vec<Locale>,
    /// 每个事件，或最新状态；默认依通道而定 / Every event or the latest state; by default as the
    /// channel says
    #[arg(long, value_enum)]
    declaration: Option<Declared>,
    /// 连同全文投放 / Send the text too
    #[arg(long)]
    full_text: bool,
    /// 现在在线的内容也投放；对缓存为立即清空 / Send what is live already, too; a cache is told to drop everything
    #[arg(long)]
    backfill: bool,
    /// 同时调用数上限 / Calls under way at once
    #[arg(long, default_value_t = Limits::default().concurrency)]
    concurrency: u32,
    /// 每分钟调用数上限 / Calls a minute
    #[arg(long, default_value_t = Limits::default().per_minute)]
    per_minute: u32,
    /// 标题最多几字；超出者检查时提示 / Characters of a title that it takes: checks tell of longer ones
    #[arg(long, value_name = "N")]
    title_characters: Option<u32>,
    /// 正文最多几字；超出者检查时提示 / Characters of a body that it takes: checks tell of longer ones
    #[arg(long, value_name = "N")]
    text_characters: Option<u32>,
    /// 放行的内网地址段（可重复） / A private range that may be dialled (may be repeated)
    #[arg(long = "allow", value_name = "CIDR")]
    ranges: Vec<String>,
    /// 允许明文 HTTP / Allow plain http
    #[arg(long)]
    allow_http: bool,
    /// 放行的端口（可重复） / A port that may be dialled (may be repeated)
    #[arg(long = "port")]
    ports: Vec<u16>,
    /// 通知缓存清除的方式：TOML 文件，用于 --channel purge / How a cache is told what to drop: a TOML file, for --channel purge
    #[arg(long, value_name = "FILE", value_parser = purge)]
    purge: Option<Purge>,
    /// 存有对方所给密钥的文件，- 为标准输入 / A file with the secret that the other side gave out; - is standard input
    #[arg(long, value_name = "FILE", value_parser = secret)]
    secret_file: Option<GivenSecret>,
}

/// What is to be different about a target.
#[derive(Args)]
pub(crate) struct Change {
    /// 名称 / Its name
    target: String,
    /// 仅当版本号仍为此数时 / Only if this is still its version
    #[arg(long, value_name = "VERSION")]
    if_version: Option<i64>,
    /// 投放地址 / Where it is
    #[arg(long)]
    address: Option<String>,
    /// 先取消所有范围限制 / Begin from no condition at all
    #[arg(long)]
    everything: bool,
    /// 改为仅这些站点（可重复） / Only these sites (may be repeated)
    #[arg(long = "site")]
    sites: Vec<SiteKey>,
    /// 改为仅这些栏目及其下级，写作 站点:路径（可重复） / Only these columns and below, as site:path
    #[arg(long = "column", value_parser = column)]
    columns: Vec<ColumnOf>,
    /// 改为仅这些内容类型（可重复） / Only these content types (may be repeated)
    #[arg(long = "type")]
    types: Vec<TypeName>,
    /// 改为仅这些语言（可重复） / Only these languages (may be repeated)
    #[arg(long = "locale")]
    locales: Vec<Locale>,
    /// 每个事件，或最新状态 / Every event or the latest state
    #[arg(long, value_enum)]
    declaration: Option<Declared>,
    /// 是否连同全文投放 / Whether the text is sent too
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false")]
    full_text: Option<bool>,
    /// 新入选、现在在线的内容也投放；对缓存为立即清空 / Send what is live already and is selected, too; a cache is told to drop everything
    #[arg(long)]
    backfill: bool,
    /// 同时调用数上限 / Calls under way at once
    #[arg(long)]
    concurrency: Option<u32>,
    /// 每分钟调用数上限 / Calls a minute
    #[arg(long)]
    per_minute: Option<u32>,
    /// 标题最多几字，0 为不限 / Characters of a title that it takes; 0 for every length
    #[arg(long, value_name = "N")]
    title_characters: Option<u32>,
    /// 正文最多几字，0 为不限 / Characters of a body that it takes; 0 for every length
    #[arg(long, value_name = "N")]
    text_characters: Option<u32>,
    /// 先取消所有放行，仅访问公网 https / Begin from public addresses over https alone
    #[arg(long)]
    public_only: bool,
    /// 改为放行这些内网地址段（可重复） / Private ranges that may be dialled (may be repeated)
    #[arg(long = "allow", value_name = "CIDR")]
    ranges: Vec<String>,
    /// 是否允许明文 HTTP / Whether plain http is allowed
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false")]
    allow_http: Option<bool>,
    /// 改为放行这些端口（可重复） / Ports that may be dialled (may be repeated)
    #[arg(long = "port")]
    ports: Vec<u16>,
    /// 通知缓存清除的方式：TOML 文件 / How a cache is told what to drop: a TOML file
    #[arg(long, value_name = "FILE", value_parser = purge)]
    purge: Option<Purge>,
}

/// What of a document's history is sent.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Declared {
    /// 每个事件 / Each event, in order
    EveryEvent,
    /// 最新状态 / Where it stands now
    LatestState,
}

fn column(text: &str) -> Result<ColumnOf, String> {
    text.parse().map_err(|wrong: Bilingual| wrong.to_string())
}

fn purge(file: &str) -> Result<Purge, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("{file}: {error}"))
}

/// A secret of a file: arguments are seen by everybody on the machine.
pub(super) fn secret(file: &str) -> Result<GivenSecret, String> {
    let text = match file {
        "-" => io::read_to_string(io::stdin()),
        file => fs::read_to_string(file),
    };
    let text = text.map_err(|error| format!("{file}: {error}"))?;
    Ok(text.trim_end().to_owned().into())
}

impl Create {
    /// The target it asks for.
    pub(crate) fn target(self) -> NewTarget {
        NewTarget {
            key: self.target,
            authority: self.authority,
            channel: self.channel,
            address: self.address,
            selector: Selector {
                sites: self.sites,
                columns: self.columns,
                types: self.types,
                locales: self.locales,
            },
            declaration: self.declaration.map(Into::into),
            form: if self.full_text { Form::Full } else { Form::Facts },
            limits: Limits {
                concurrency: self.concurrency,
                per_minute: self.per_minute,
                title_characters: self.title_characters,
                text_characters: self.text_characters,
            },
            reach: Reach { ranges: self.ranges, http: self.allow_http, ports: self.ports },
            backfill: self.backfill,
            purge: self.purge,
            secret: self.secret_file,
        }
    }
}

impl Change {
    /// The change it asks for. What is listed takes the place of what was listed before; a list
    /// that is not named stays, unless everything before it is dropped.
    pub(crate) fn change(self) -> TargetChange {
        fn list<T>(said: Vec<T>, from_nothing: bool) -> Option<Vec<T>> {
            (from_nothing || !said.is_empty()).then_some(said)
        }
        TargetChange {
            key: self.target,
            version: self.if_version,
            address: self.address,
            sites: list(self.sites, self.everything),
            columns: list(self.columns, self.everything),
            types: list(self.types, self.everything),
            locales: list(self.locales, self.everything),
            declaration: self.declaration.map(Into::into),
            form: self.full_text.map(|full| if full { Form::Full } else { Form::Facts }),
            concurrency: self.concurrency,
            per_minute: self.per_minute,
            title_characters: self.title_characters,
            text_characters: self.text_characters,
            ranges: list(self.ranges, self.public_only),
            http: self.allow_http.or(self.public_only.then_some(false)),
            ports: list(self.ports, self.public_only),
            purge: self.purge,
            backfill: self.backfill,
        }
    }
}

impl From<Declared> for Declaration {
    fn from(declared: Declared) -> Self {
        match declared {
            Declared::EveryEvent => Self::EveryEvent,
            Declared::LatestState => Self::LatestState,
        }
    }
}
