//! The pages of a receiver: what it holds, one copy, and what it was told to take away. What
//! came over the wire is escaped everywhere.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use super::copies::{Copies, Held, Said};

/// The style sheet.
pub(super) const STYLE: &str = include_str!("page.css");

/// Everything that is held, what was told last first.
pub(super) fn overview(name: &str, copies: &Copies) -> String {
    let all = copies.all();
    let there = all.iter().filter(|held| held.is_there()).count();
    let counts = copies.counts;
    let mut main = format!(
        "<ul class=\"counts\">\
         <li><b>{there}</b> 持有 / held</li>\
         <li><b>{}</b> 已撤除 / taken away</li>\
         <li><b>{}</b> 收到消息 / messages</li>\
         <li><b>{}</b> 重复 / repeated</li>\
         <li><b>{}</b> 迟到 / late</li></ul>",
        all.len() - there,
        counts.new + counts.late + counts.again,
        counts.again,
        counts.late,
    );
    if all.is_empty() {
        main.push_str("<p class=\"empty\">尚未收到任何内容。 / Nothing has arrived yet.</p>");
    } else {
        main.push_str(
            "<table><thead><tr><th>标题 / Title</th><th>版本 / Edition</th>\
             <th>网址 / Address</th><th>收到 / Received (UTC)</th></tr></thead><tbody>",
        );
        for held in all {
            row(&mut main, held);
        }
        main.push_str("</tbody></table>");
    }
    page(name, name, true, &main)
}

/// One copy, or what stands in its place.
pub(super) fn item(name: &str, held: &Held) -> String {
    let fact = &held.fact;
    let title = title(held);
    let struck = if held.is_there() { "" } else { " class=\"struck\"" };
    let mut main =
        format!("<p><a href=\"/\">← {}</a></p><h2{struck}>{}</h2>", escaped(name), escaped(title));
    if let Some(reason) = reason(held) {
        let _ = write!(main, "<p class=\"reason\">{}</p>", escaped(&reason));
    }
    main.push_str("<dl>");
    let mut line = |label: &str, value: &str| {
        let _ = write!(main, "<dt>{label}</dt><dd>{}</dd>", escaped(value));
    };
    line("状态 / State", if held.is_there() { "持有 / held" } else { "已撤除 / taken away" });
    line("版本 / Edition", &fact.edition.to_string());
    line("事件 / Event", &format!("#{} {}", fact.sequence, fact.kind));
    line("类型 / Type", &fact.r#type);
    line("语言 / Language", &fact.locale);
    line("站点 / Site", &fact.site);
    line("内容编号 / Content id", &fact.content_id);
    for (label, value) in [
        ("网址 / Address", &fact.url),
        ("替代网址 / Replacement", &fact.replacement),
        ("摘要值 / Digest", &fact.digest),
    ] {
        if let Some(value) = value {
            line(label, value);
        }
    }
    line("收到 / Received (UTC)", &moment(held.at));
    main.push_str("</dl>");
    if let Some(Value::Object(fields)) = fact.content.as_ref().and_then(|text| text.get("fields")) {
        main.push_str("<h3>随附全文 / The text that came along</h3><dl class=\"text\">");
        for (name, value) in fields {
            field(&mut main, name, value);
        }
        main.push_str("</dl>");
    }
    page(name, title, false, &main)
}

/// The answer for what was never here.
pub(super) fn nothing(name: &str) -> String {
    let main = format!(
        "<p><a href=\"/\">← {}</a></p>\
         <p class=\"empty\">从未收到这条内容。 / This never arrived here.</p>",
        escaped(name)
    );
    page(name, name, false, &main)
}

fn row(main: &mut String, held: &Held) {
    let fact = &held.fact;
    let class = if held.is_there() { "" } else { " class=\"gone\"" };
    let _ = write!(
        main,
        "<tr{class}><td><a href=\"{}\">{}</a><small>{} · {}</small>",
        escaped(&held.path()),
        escaped(title(held)),
        escaped(&fact.r#type),
        escaped(&fact.locale),
    );
    if let Some(reason) = reason(held) {
        let _ = write!(main, "<small class=\"reason\">{}</small>", escaped(&reason));
    }
    let edition = if held.is_there() { fact.edition.to_string() } else { "—".to_owned() };
    let _ = write!(
        main,
        "</td><td>{edition}</td><td class=\"address\">{}</td><td class=\"at\">{}</td></tr>",
        escaped(fact.url.as_deref().unwrap_or("—")),
        escaped(&moment(held.at)),
    );
}

/// Why there is no text, or what stands above it.
fn reason(held: &Held) -> Option<String> {
    let fact = &held.fact;
    let word = match fact.absence.as_deref() {
        Some("recalled") => "召回 / recalled",
        Some("gone") => "已删除 / gone",
        Some("redirect") => "转移 / redirected",
        Some("vanished") => "移除 / removed",
        Some("outOfScope") => "不再投放到此 / no longer selected",
        Some(other) => other,
        None if held.is_there() && fact.kind == "withdraw" => "撤回 / withdrawn",
        None => return None,
    };
    let mut reason = word.to_owned();
    if let Some(Said { zh, en }) = &fact.explanation {
        let _ = write!(reason, "：{zh} / {en}");
    }
    if let Some(replacement) = &fact.replacement {
        let _ = write!(reason, " → {replacement}");
    }
    Some(reason)
}

fn title(held: &Held) -> &str {
    held.title.as_deref().unwrap_or("（无标题 / untitled）")
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn field(main: &mut String, name: &str, value: &Value) {
    let _ = write!(main, "<dt>{}</dt>", escaped(name));
    match value {
        Value::String(text) if text.starts_with('<') => {
            let _ = write!(main, "<dd class=\"prose\">{}</dd>", escaped(&plain(text)));
        }
        Value::String(text) => {
            let _ = write!(main, "<dd>{}</dd>", escaped(text));
        }
        other => {
            let _ = write!(main, "<dd><code>{}</code></dd>", escaped(&other.to_string()));
        }
    }
}

fn page(name: &str, title: &str, refreshes: bool, main: &str) -> String {
    let refresh = if refreshes { "<meta http-equiv=\"refresh\" content=\"5\">" } else { "" };
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\">{refresh}<title>{}</title>\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/page.css\"></head><body>\
         <header><h1>{}</h1><p>公报 webhook 模拟接收方 / simulated receiver of Gongbao's webhooks</p>\
         </header><main>{main}</main></body></html>",
        escaped(title),
        escaped(name),
    )
}

/// The text of HTML without any of its tags, a line for each block: enough to look at, and
/// nothing of somebody else's markup reaches the page.
fn plain(html: &str) -> String {
    const BLOCKS: [&str; 8] = ["/p", "/h", "/li", "/tr", "/blockquote", "/pre", "br", "hr"];
    let mut text = String::new();
    for (number, part) in html.split('<').enumerate() {
        let (tag, rest) =
            if number == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        if BLOCKS.iter().any(|block| tag.starts_with(block)) && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(rest);
    }
    // The ampersand last: what it makes is not looked at again.
    let characters =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")];
    let text =
        characters.iter().fold(text, |text, (name, character)| text.replace(name, character));
    text.trim().to_owned()
}

/// A text as it may stand between tags and inside quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HOSTILE: &str = "\"'><script>alert(1)</script>&";

    fn held(state: &str) -> Copies {
        let data = json!({
            "contentId": HOSTILE, "locale": HOSTILE, "sequence": 1, "kind": HOSTILE,
            "state": state, "edition": 1, "type": HOSTILE, "site": HOSTILE, "absence": HOSTILE,
            "url": HOSTILE, "replacement": HOSTILE, "title": HOSTILE, "digest": HOSTILE,
            "explanation": { "zh": HOSTILE, "en": HOSTILE },
            "content": { "fields": { HOSTILE: HOSTILE, "body": format!("<p>{HOSTILE}"), "list": [HOSTILE] } },
        });
        let mut copies = Copies::default();
        copies.keep("evt_1", Timestamp::UNIX_EPOCH, &data).expect("it is kept");
        copies
    }

    #[test]
    fn nothing_that_came_over_the_wire_becomes_markup() {
        for state in ["edition", "absent"] {
            let copies = held(state);
            let one = copies.one(HOSTILE, HOSTILE).expect("it is held");

            for page in [overview(HOSTILE, &copies), item(HOSTILE, one), nothing(HOSTILE)] {
                assert!(!page.contains("<script"), "{page}");
                assert!(!page.contains("\"'>"), "{page}");
                assert!(page.contains("&lt;script&gt;"), "{page}");
            }
        }
    }

    #[test]
    fn html_is_read_without_its_markup() {
        let html = "<h2 id=\"a\">第一条</h2><p>甲 &amp;lt; 乙</p><ul><li>一</li><li>二</li></ul>";

        assert_eq!(plain(html), "第一条\n甲 &lt; 乙\n一\n二");
        assert_eq!(plain("<p>broken <b"), "broken");
    }

    #[test]
    fn what_was_taken_away_is_struck_through_with_its_reason() {
        let copies = held("absent");
        let one = copies.one(HOSTILE, HOSTILE).expect("a stone");

        assert!(overview("应用", &copies).contains("<tr class=\"gone\">"));
        assert!(item("应用", one).contains("<h2 class=\"struck\">"));
        assert!(item("应用", one).contains("class=\"reason\""));
    }
}
