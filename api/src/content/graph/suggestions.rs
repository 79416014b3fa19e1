//! Suggestions while a reader types: a field of the root.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use futures_util::FutureExt as _;
use schema::{
    names::Locale,
    search::{BadQuestion, QUESTION_CHARACTERS, Typed},
};
use store::search::SuggestionQuery;

use super::{
    Builder,
    document::DOCUMENT,
    lists,
    member::{Member, argument, start},
    root, search,
    values::{list_nn, string_nn},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Arguments, Reader, Suggestion, Thing},
    refusal::{Fault, Refusal},
};

const SUGGESTION: &str = "Suggestion";
/// Suggestions at once, at most.
const MOST: u32 = 20;
/// Suggestions where nothing is said.
const USUAL: u32 = 10;

/// The field of the root.
pub(super) fn field() -> Member {
    let find = start(|reader, arguments| {
        async move {
            let found = suggestions(reader, arguments).await?;
            let things = found.into_iter().map(|it| Thing::Suggestion(Arc::new(it)));
            Ok(Answer::Many(things.collect()))
        }
        .boxed()
    });
    let member = Member::root(
        "suggestions",
        list_nn(SUGGESTION),
        (
            "输入搜索词时的提示：含有所输入文字的标题，以及以其开头的文号。最相符的在前，同等的最新在前，标题不重复。",
            "What readers may be typing: titles that hold what was typed, and document numbers that begin with it. What fits \
             best first, the newest first among equals, no title twice.",
        ),
        find,
    )
    .with(argument(
        "query",
        TypeRef::named_nn(TypeRef::STRING),
        &format!("已输入的文字，最多 {QUESTION_CHARACTERS} 个字；没有文字的不给出提示"),
        &format!("What was typed so far, at most {QUESTION_CHARACTERS} characters; nothing is suggested where it has no letter"),
    ));
    root::in_place(member)
        .with(lists::of_type())
        .with(lists::locale())
        .with_default(
            argument(
                "first",
                TypeRef::named(TypeRef::INT),
                &format!("最多多少条，1 至 {MOST}"),
                &format!("At most so many, 1 to {MOST}"),
            ),
            USUAL,
        )
        .times(Times::Paged)
}

async fn suggestions(reader: &mut Reader, arguments: &Arguments) -> Result<Vec<Suggestion>, Fault> {
    let limit = arguments.count("first")?.unwrap_or(USUAL);
    if limit > MOST {
        return Err(Refusal::argument(
            format!("first 应为 1 至 {MOST} 的整数"),
            format!("first must be a whole number from 1 to {MOST}"),
        )
        .into());
    }
    let typed = match Typed::parse(arguments.text("query").unwrap_or_default()) {
        Ok(typed) => typed,
        // The first key may be a bracket.
        Err(BadQuestion::Empty) => return Ok(Vec::new()),
        Err(bad) => {
            return Err(Refusal { code: "BAD_ARGUMENT", message: bad.message() }.into());
        }
    };
    let (site, scope) = root::place(reader, arguments).await?;
    let main = || site.as_ref().and_then(|site| site.particulars.locales.first().cloned());
    let query = SuggestionQuery {
        typed,
        scope,
        r#type: search::of_type(&reader.model, arguments)?,
        locale: arguments.parsed::<Locale>("locale")?.or_else(main),
        limit,
    };
    reader.suggest(query, site.map(|site| site.id)).await
}

/// Adds the type of suggestions.
pub(super) fn add(builder: &mut Builder) {
    let of = |give: fn(&Suggestion) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Suggestion(suggestion) => give(suggestion),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        SUGGESTION,
        ("一条输入提示。", "Something a reader may be typing."),
        &[
            Member::ready(
                "text",
                string_nn(),
                ("可填入搜索框的文字：标题，或文号", "What to search for: a title, or a document number"),
                of(|it| Answer::Value((&*it.text).into())),
            ),
            Member::ready(
                "highlight",
                string_nn(),
                (
                    "同上，可直接输出的 HTML：文字已转义，所输入的部分以 mark 标出，没有其他标签",
                    "The same as HTML to print as it is: escaped, with what was typed in mark, the only tag",
                ),
                of(|it| Answer::Value(it.typed.highlighted(&it.text).into())),
            ),
            Member::ready(
                "document",
                TypeRef::named_nn(DOCUMENT),
                ("该条信息", "The document"),
                of(|it| Answer::One(Thing::Document(it.shown.clone()))),
            ),
        ],
        &[],
    );
}
