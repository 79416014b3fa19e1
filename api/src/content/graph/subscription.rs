//! The root of subscriptions: the changes of the log as they happen, each of the type that the
//! query `changes` gives.
//!
//! The engine is never left running. It is asked once when somebody subscribes, for the
//! arguments, and from then on for each stretch of events: whoever selects the same of the same
//! is answered by one run.

use std::sync::Arc;

use async_graphql::{
    Value,
    dynamic::{
        FieldValue, ResolverContext, Subscription, SubscriptionField, SubscriptionFieldFuture,
        TypeRef,
    },
};
use futures_util::stream;
use schema::{
    message::Bilingual,
    names::{ColumnPath, SiteKey, TypeName},
};

use super::{
    Builder, change,
    document::DOCUMENT_TYPE,
    member::{Argument, STATEMENT, argument, description},
};
use crate::content::{
    limits::cost::{Price, Times},
    live::{Selection, Telling, Wanted},
    reading::{
        Arguments, Asking, Reader, Thing,
        ahead::{self, Steps},
        parse,
    },
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
    let field = SubscriptionField::new(CHANGES, TypeRef::named_nn("Change"), told)
        .description(description(&help));
    let field = arguments().iter().fold(field, |field, one| field.argument(one.input()));
    let help = Bilingual::new(
        "实时更新的入口，经 WebSocket（graphql-transport-ws）或 text/event-stream。",
        "Where live updates start: over WebSocket (graphql-transport-ws) or text/event-stream.",
    );
    let subscription = Subscription::new(SUBSCRIPTION).description(description(&help)).field(field);
    builder.types.push(subscription.into());
}

fn arguments() -> [Argument; 4] {
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
            "after",
            TypeRef::named(TypeRef::STRING),
            "由此游标之后继续；不给出则自此刻起",
            "Go on behind this cursor; from now on where there is none",
        ),
    ]
}

/// What the engine is to tell: the arguments, or a stretch of events.
fn told(context: ResolverContext<'_>) -> SubscriptionFieldFuture<'_> {
    SubscriptionFieldFuture::new(async move {
        let asking = context.ctx.data::<Asking>()?;
        let mut reader = asking.0.lock().await;
        reader.began = true;
        let things = match context.ctx.data::<Telling>()? {
            Telling::Arguments(slot) => {
                let arguments = Arguments(context.args.as_index_map().clone());
                let _ = slot.set(wanted(&mut reader, &arguments).await?);
                Vec::new()
            }
            Telling::Events(events) => {
                let changes = reader.told(events.clone()).await?;
                let things: Vec<Thing> =
                    changes.into_iter().map(|change| Thing::Change(Arc::new(change))).collect();
                let steps = context.ctx.data::<Arc<Steps>>()?;
                let selected = context.ctx.field().selection_set().collect();
                ahead::walk(steps, &mut reader, things.clone(), selected).await?;
                things
            }
        };
        let values = things.into_iter().map(|thing| Ok(FieldValue::owned_any(thing)));
        Ok(stream::iter(values))
    })
}

/// Reads the arguments. A site or a column that is not there is refused: nothing would ever
/// come of it.
async fn wanted(reader: &mut Reader, arguments: &Arguments) -> Result<Wanted, Fault> {
    let after = arguments.text("after").map(change::read_cursor).transpose()?;
    let mut selection = Selection::default();
    for word in words(arguments, "types")? {
        selection.types.push(parse::<TypeName>("types", &word)?);
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
