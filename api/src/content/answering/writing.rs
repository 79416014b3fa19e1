//! Writing what was read, as JSON.

use super::{
    ahead::{Node, Place, Plan},
    selection::{Chosen, What},
    steps::{Step, Way},
};
use crate::content::{
    reading::{Answer, Reader, Thing},
    refusal::{self, Fault},
};

impl<'q> Plan<'q> {
    /// Writes what the field at `place` gives.
    ///
    /// # Errors
    /// What a field refuses to give; a fault of ours when one that is required gives nothing.
    pub(super) fn write(
        &mut self,
        reader: &Reader,
        chosen: &Chosen<'q>,
        place: Place,
        answer: &Answer,
        json: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        match answer {
            Answer::Nothing => json.extend_from_slice(b"null"),
            Answer::Value(value) => write_value(value, json)?,
            Answer::One(thing) => self.write_thing(reader, chosen, place, thing, json)?,
            Answer::Many(things) => {
                self.write_list(reader, chosen, place, things.iter().map(Some), json)?;
            }
            Answer::Each(places) => {
                self.write_list(reader, chosen, place, places.iter().map(Option::as_ref), json)?;
            }
        }
        Ok(())
    }

    fn write_list<'t>(
        &mut self,
        reader: &Reader,
        chosen: &Chosen<'q>,
        place: Place,
        things: impl Iterator<Item = Option<&'t Thing>>,
        json: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        json.push(b'[');
        for (number, thing) in things.enumerate() {
            if number > 0 {
                json.push(b',');
            }
            match thing {
                Some(thing) => self.write_thing(reader, chosen, place, thing, json)?,
                None => json.extend_from_slice(b"null"),
            }
        }
        json.push(b']');
        Ok(())
    }

    fn write_thing(
        &mut self,
        reader: &Reader,
        chosen: &Chosen<'q>,
        place: Place,
        thing: &Thing,
        json: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Some(node) = self.under(chosen, place, thing) else {
            return Err(disagree(chosen, "a thing of no type"));
        };
        self.write_fields(reader, &node, thing, json)
    }

    fn write_fields(
        &mut self,
        reader: &Reader,
        node: &Node<'q>,
        thing: &Thing,
        json: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        json.push(b'{');
        for (number, (chosen, place)) in node.fields.iter().enumerate() {
            if number > 0 {
                json.push(b',');
            }
            write_key(chosen.key, json);
            match &chosen.what {
                What::TypeName => write_text(&node.object.name, json),
                What::Step(Step { way: Way::Below { give, .. }, is_required, .. }, arguments) => {
                    let answer = give(reader, thing, arguments)?;
                    if *is_required && matches!(answer, Answer::Nothing) {
                        return Err(disagree(chosen, "nothing where something is required"));
                    }
                    self.write(reader, chosen, *place, &answer, json)?;
                }
                What::Introspection | What::Step(..) => {
                    return Err(disagree(chosen, "a field of the root below it"));
                }
            }
        }
        json.push(b'}');
        Ok(())
    }
}

/// Writes a key. Names of GraphQL hold nothing that JSON escapes.
pub(super) fn write_key(key: &str, json: &mut Vec<u8>) {
    write_text(key, json);
    json.push(b':');
}

/// Writes a name of GraphQL.
pub(super) fn write_text(name: &str, json: &mut Vec<u8>) {
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.push(b'"');
}

fn write_value(value: &async_graphql::Value, json: &mut Vec<u8>) -> Result<(), Fault> {
    serde_json::to_writer(json, value).map_err(|error| {
        tracing::error!(%error, "a value cannot be written as JSON");
        refusal::internal().into()
    })
}

/// The schema and its steps disagree, which is a fault of ours.
pub(super) fn disagree(chosen: &Chosen<'_>, what: &str) -> Fault {
    let field = chosen.field.node.name.node.as_str();
    tracing::error!(field, what, "the content schema and its steps disagree");
    refusal::internal().into()
}
