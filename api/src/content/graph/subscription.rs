//! The root of subscriptions: the changes of the log as they happen, each of the type that the
//! query `changes` gives.
//!
//! The engine says once, when somebody subscribes, whether the operation is valid. From then on
//! each stretch of events is told without it: whoever selects the same of the same is answered
//! together.

use std::sync::Arc;

use async_graphql::{
    Error, Value,
    dynamic::{FieldValue, Subscription, SubscriptionField, SubscriptionFieldFuture, TypeRef},
};
use futures_util::stream;
use schema::{
    message::Bilingual,
    names::{ColumnPath, SiteKey, TypeName},
    visibility::EventKind,
};

use super::{
    Builder, change,
    document::DOCUMENT_TYPE,
    member::{Argument, STATEMENT, argument, description},
};
use crate::content::{
    answering::{Step, Way},
    limits::cost::{Price, Times},
    live::{Selection, Wanted},
    reading::{Answer, Arguments, Reader, parse},
    refusal::{Fault, Refusal},
};

/// The name of the type.
pub(super) const SUBSCRIPTION: &str = "Subscription";
/// Its only field.
pub(crate) const CHANGES: &str = "changes";
/// Columns that one subscription names, and types.
const MOST_NAMED: usize = 50;

pub(super) fn add(builder: &mut Builder) {
    let price = Price { own: STATEMENT, times: Times::Once, to: "Change".into(), alone: &[] };
    builder.prices.set(SUBSCRIPTION, CHANGES, price);
    let help = Bilingual::new(
        "自某游标以来的发布事件，随发生随到：每个事件一次，按发生次序，无遗漏。",
        "What happens, as it happens, from a cursor on: every event once, in order and without gaps.",
    );
    let ty = TypeRef::named_nn("Change");
    let nothing = Way::Below { warm: None, give: Arc::new(|_, _, _| Ok(Answer::Nothing)) };
    builder.steps.note(SUBSCRIPTION, CHANGES, Step::new(nothing, &ty, []));
    let field = SubscriptionField::new(CHANGES, ty, |_| {
        SubscriptionFieldFuture::new(async { Ok(stream::empty::<Result<FieldValue<'_>, Error>>()) })
    })
    .description(description(&help));
    let field = arguments().iter().fold(field, |field, one| field.argument(one.input()));
    let help = Bilingual::new(
        "实时更新的入口，经 WebSocket（graphql-transport-ws）或 text/event-stream。",
        "Where live updates start: over WebSocket (graphql-transport-ws) or text/event-stream.",
    );
    let subscription = Subscription::new(SUBSCRIPTION).description(description(&help)).field(field);
    builder.types.push(subscription.into());
}

fn arguments() -> [Argument; 5] {
    [
        argument(
            "site",
            TypeRef::named(TypeRef::STRING),
            "只要进入或离开此网站（代号）的",
            "Only what enters or leaves this site, by its key",
        ),
        argument(
            "columns",
            TypeRef::named_nn_list(TypeRef::STRING),
            "只要进入或离开这些栏目（路径）及其下级的，须同时给 site",
            "Only what enters or leaves these columns of the site, by their paths, or those below them",
        ),
        argument(
            "types",
            TypeRef::named_nn_list(DOCUMENT_TYPE),
            "只要这些内容类型的",
            "Only documents of these types",
        ),
        argument(
            "kinds",
            TypeRef::named_nn_list(change::KIND),
            "只要这些种类的，如 arrange：网站的调整和公告",
            "Only what is of these kinds, such as arrange: changes of the house, and notices",
        ),
        argument(
            "after",
            TypeRef::named(TypeRef::STRING),
            "由此游标之后继续；不给出则自此刻起",
            "Go on behind this cursor; from now on where there is none",
        ),
    ]
}

/// Reads the arguments. A site or a column that is not there is refused: nothing would ever
/// come of it.
pub(crate) async fn wanted(reader: &mut Reader, arguments: &Arguments) -> Result<Wanted, Fault> {
    let after = arguments.text("after").map(change::read_cursor).transpose()?;
    let mut selection = Selection::default();
    for word in words(arguments, "types")? {
        selection.types.push(parse::<TypeName>("types", &word)?);
    }
    for word in words(arguments, "kinds")? {
        // The engine lets no other words through.
        selection.kinds.extend(EventKind::parse(&word));
    }
    let columns = words(arguments, "columns")?;
    let Some(key) = arguments.parsed::<SiteKey>("site")? else {
        if !columns.is_empty() {
            let refusal = Refusal::argument("给出 columns 时须同时给出 site", "columns needs site");
            return Err(refusal.into());
        }
        return Ok(Wanted { selection, after });
    };
    let Some(site) = reader.site_by_key(&key).await? else {
        let (zh, en) = (format!("没有网站 {key}"), format!("there is no site {key}"));
        return Err(Refusal::argument(zh, en).into());
    };
    for path in columns {
        let path = parse::<ColumnPath>("columns", &path)?;
        let Some(column) = reader.column_at(site.id, &path).await? else {
            return Err(Refusal::argument(
                format!("网站 {key} 没有栏目 {path}"),
                format!("the site {key} has no column {path}"),
            )
            .into());
        };
        selection.columns.push(column.path.clone());
    }
    selection.site = Some(site.key.clone());
    Ok(Wanted { selection, after })
}

fn words(arguments: &Arguments, name: &str) -> Result<Vec<String>, Refusal> {
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Enum(word) => Some(word.to_string()),
        _ => None,
    };
    let words: Vec<String> = match arguments.get(name) {
        None => Vec::new(),
        Some(Value::List(values)) => values.iter().filter_map(word).collect(),
        Some(one) => word(one).into_iter().collect(),
    };
    if words.len() > MOST_NAMED {
        return Err(Refusal::argument(
            format!("{name} 最多 {MOST_NAMED} 个"),
            format!("{name} has at most {MOST_NAMED} values"),
        ));
    }
    Ok(words)
}
