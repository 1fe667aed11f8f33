//! What detectors see, and where they record what they find.

use std::ops::Range;

use cloudtrail::KeySet;

use crate::arn::Arn;
use crate::collect::IdentityContext;
use crate::edits::Edits;
use crate::entities::Entities;
use crate::{Label, Masker};

/// A text and what is known about it.
#[derive(Clone, Copy)]
pub(crate) struct View<'v> {
    pub(crate) text: &'v str,
    /// The ARNs of the text.
    pub(crate) arns: &'v [Arn],
    /// The text is JSON: quotes are borders of strings.
    pub(crate) is_json: bool,
    /// The number of edits before the first one of this text.
    pub(crate) first_edit: usize,
}

/// What the record around a text states.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) identity: IdentityContext<'c>,
    pub(crate) entities: &'c Entities,
    /// The keys of the fields table.
    pub(crate) keys: &'c KeySet,
    pub(crate) people: bool,
    pub(crate) addresses: bool,
}

impl Context<'_> {
    /// Whether values with this label are masked.
    pub(crate) fn masks(&self, label: Label) -> bool {
        match label {
            Label::Ip => self.addresses,
            Label::User | Label::Message => self.people,
        }
    }
}

/// Where detectors record what they find, in offsets of their text.
pub(crate) struct Findings<'f> {
    pub(crate) masker: &'f mut Masker,
    pub(crate) edits: &'f mut Edits,
}

impl Findings<'_> {
    /// Replaces `range` of `text` with its pseudonym, if it has one.
    pub(crate) fn mask(&mut self, label: Label, text: &str, range: Range<usize>) {
        self.mask_as(label, &text[range.clone()], range);
    }

    /// Replaces `range` with the pseudonym of `name`, if it has one.
    pub(crate) fn mask_as(&mut self, label: Label, name: &str, range: Range<usize>) {
        if let Some(token) = self.masker.mask(label, name) {
            self.edits.replace(range, token);
        }
    }
}
