//! The context in which a text is masked.

use std::ops::Range;

use super::decide::Facts;
use super::layer::Map;
use super::words::{is_of_longer_name, is_tool};

/// The context in which a JSON text is masked.
#[derive(Clone, Copy)]
pub(super) struct TextContext<'a> {
    /// The positions of its bytes in the record.
    pub(super) map: Map<'a>,
    pub(super) facts: Facts<'a>,
    /// The number of strings around it.
    pub(super) nested: usize,
    /// It contains names of tools and their versions.
    pub(super) is_agent: bool,
}

impl TextContext<'_> {
    /// Whether the name at `range` is a part of the name of a role, a service or a Region,
    /// or, in a text of tools, the name of a tool.
    pub(super) fn is_other_name(&self, text: &str, range: &Range<usize>) -> bool {
        self.is_agent && is_tool(&text[range.clone()])
            || is_of_longer_name(text, range, &self.facts.names.roles)
    }

    /// The same context with other byte positions.
    pub(super) fn at<'b>(self, map: Map<'b>) -> TextContext<'b>
    where
        Self: 'b,
    {
        TextContext { map, ..self }
    }
}
