//! The indent of paragraphs: two letters (GB/T 9704—2012, 7.3.3), save the address line
//! (主送机关), which stands at the margin.

use super::passage::{Passage, Role};

/// Indents the paragraphs of the body.
pub(super) fn indent(passages: &mut [Passage]) {
    let mut is_first = true;
    for passage in passages.iter_mut().filter(|passage| !passage.text.is_empty()) {
        let is_paragraph = matches!(passage.role, Role::Body | Role::RunIn(_));
        let is_address = is_first && passage.text.ends_with(['：', ':']);
        passage.indented = is_paragraph && !is_address;
        is_first = false;
    }
}
