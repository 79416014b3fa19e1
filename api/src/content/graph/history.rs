//! The public history of a document: when it was published and what was said to have changed.

use async_graphql::dynamic::TypeRef;
use store::reading::HistoryLine;

use super::{
    Builder,
    document::{IMPORTANCE, documents, importance, seen},
    member::{Member, STATEMENT, warm},
    scalars::DATE_TIME,
    values::{list_nn, string},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Thing},
};

/// The field `history` of documents.
pub(super) fn member() -> Member {
    let histories = warm(|reader, things, _| {
        Box::pin(async move {
            let ids = documents(things).into_iter().map(|shown| shown.facts.id);
            reader.read_histories(ids.collect::<Vec<_>>()).await
        })
    });
    Member::read(
        "history",
        list_nn("HistoryEntry"),
        (
            "历次发布，最近的在前；被更正的错误文本只留日期与说明",
            "Every publication, the latest first; of a text that was called an error only date and note stay",
        ),
        Some(histories),
        seen(|reader, shown| {
            let lines = reader.history(shown.facts.id).iter().rev().cloned();
            Answer::Many(lines.map(Thing::History).collect())
        }),
    )
    .costs(STATEMENT / 10)
    .times(Times::About(5))
}

pub(super) fn add(builder: &mut Builder) {
    let of = |give: fn(&HistoryLine) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::History(line) => give(line),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        "HistoryEntry",
        ("一次发布。", "One publication of a document."),
        &[
            Member::ready(
                "number",
                TypeRef::named_nn(TypeRef::INT),
                ("版本号，从 1 开始", "Number of the edition, from 1"),
                of(|line| Answer::Value(line.number.into())),
            ),
            Member::ready(
                "publishedAt",
                TypeRef::named_nn(DATE_TIME),
                (
                    "发布时间；以此作 asOf 可读到该版",
                    "When it was published; as asOf it gives this text",
                ),
                of(|line| Answer::Value(line.published_at.to_string().into())),
            ),
            Member::ready(
                "importance",
                TypeRef::named_nn(IMPORTANCE),
                ("变更的轻重", "How much the change mattered"),
                of(|line| importance(line.importance)),
            ),
            Member::ready(
                "changeNote",
                TypeRef::named("Bilingual"),
                ("变更说明", "What was said to have changed"),
                of(|line| Answer::one(line.change_note.clone().map(Thing::Bilingual))),
            ),
            Member::ready(
                "isReadable",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                ("该版文本是否仍可阅读", "Whether that text may still be read"),
                of(|line| Answer::Value(line.digest.is_some().into())),
            ),
            Member::ready(
                "digest",
                string(),
                (
                    "该版摘要；不可阅读的为空",
                    "Digest of that edition; null where it may not be read",
                ),
                of(|line| Answer::value(line.digest.map(|digest| digest.to_string()))),
            ),
        ],
        &[],
    );
}
