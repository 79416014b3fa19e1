//! `gongbao schema`: the content model in force.

use clap::Subcommand;
use schema::content_type::TypeRegistry;

use super::{Answer, Failure, Language, answer::table};

/// What can be asked of the content model.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 列出内容类型 / List the content types
    Types,
}

pub(crate) fn run(
    types: &TypeRegistry,
    command: &Command,
    language: Language,
) -> Result<Answer, Failure> {
    let Command::Types = command;
    let header = match language {
        Language::Zh => ["类型", "名称", "版本", "字段"],
        Language::En => ["type", "label", "version", "fields"],
    };
    let rows = types.iter().map(|content_type| {
        [
            content_type.name.to_string(),
            content_type.label.for_locale(language.locale()).to_owned(),
            content_type.version.to_string(),
            content_type.fields.len().to_string(),
        ]
    });
    let definitions: Vec<_> = types.iter().collect();
    Ok(Answer::new(table(header, rows), &definitions))
}
