//! The settings themselves, and the content types they name.

use schema::content_type::TypeRegistry;

use super::Check;
use crate::settings::Settings;

/// What of the settings makes sense word by word and not together.
pub(super) fn check(settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    let listen = settings.listen;
    if !listen.ip().is_loopback() && settings.public_url.is_none() {
        checks.push(
            Check::doubtful(
                "settings",
                format!("在 {listen} 上对外服务，但未设置对外网址"),
                format!("it listens on {listen} for others, and its public address is not set"),
            )
            .remedy(
                "把 GONGBAO_PUBLIC_URL 设为读者使用的网址，如 https://hub.example.gov.cn",
                "set GONGBAO_PUBLIC_URL to the address that readers use, https://hub.example.gov.cn",
            ),
        );
    }
    if let Some(url) = settings.public_url.as_deref().filter(|url| url.starts_with("http://")) {
        checks.push(
            Check::doubtful(
                "settings",
                format!("对外网址 {url} 不是 https"),
                format!("the public address {url} is not https"),
            )
            .remedy(
                "由前面的代理提供 https，并相应修改 GONGBAO_PUBLIC_URL",
                "let the proxy in front speak https, and change GONGBAO_PUBLIC_URL",
            ),
        );
    }
    if let Err(failure) = settings.synonyms() {
        checks.push(Check::of_failure("settings", failure));
    }
    if let Err(failure) = settings.checks() {
        checks.push(Check::of_failure("settings", failure));
    }
    if checks.is_empty() {
        checks.push(Check::well(
            "settings",
            "可以读取，没有未知的键",
            "they can be read, and no key is unknown",
        ));
    }
    checks
}

/// The content types, where every file of them can be read.
pub(super) fn types(settings: &Settings, checks: &mut Vec<Check>) -> Option<TypeRegistry> {
    match settings.types() {
        Ok(types) => {
            let count = types.iter().count();
            checks.push(Check::well(
                "contentTypes",
                format!("{count} 种，全部可用"),
                format!("{count}, all of them right"),
            ));
            Some(types)
        }
        Err(failure) => {
            checks.push(Check::of_failure("contentTypes", failure));
            None
        }
    }
}

/// Nobody but the operator knows where backups go, and whether they do.
pub(super) fn backups() -> Check {
    Check::unknown(
        "backups",
        "程序无从得知备份在何处、是否完好",
        "the program cannot know where they are, or whether they are whole",
    )
    .remedy(
        "定时运行 gongbao backup 文件，用 gongbao restore --check 文件 检查；主密钥另行保管",
        "run gongbao backup FILE by the clock, look at it with gongbao restore --check FILE, and keep the master key elsewhere",
    )
}
