//! The detectors: each finds one kind of personal data in a text, and records edits.
//!
//! They see a [`View`]: a text without escapes around it, which is a record, JSON from inside a
//! string, or the content of one string. What they find outside of strings in JSON is dropped
//! later, so that they need not know about JSON.

pub(crate) mod comparison;
mod context;
pub(crate) mod whole_value;

use std::ops::Range;

use crate::Label;
use crate::arn::Principal;
use crate::classify::Decision;
use crate::decoded_text::percent_decoded_name;
use crate::entities::Entity;
use crate::fields::FieldKind;
use crate::lexicon::{Surroundings, is_vocabulary};
use crate::names::{email_around, is_technical_id};

pub(crate) use context::{Context, Findings, View};

/// Runs the detectors whose candidates are rare enough to look for them in a whole text.
pub(crate) fn in_text(view: View<'_>, context: Context<'_>, findings: &mut Findings<'_>) {
    if context.people {
        arns(view, findings);
    }
    entities(view, context, findings);
    if context.people {
        emails(view, context, findings);
    }
    if context.entities.has_unusual_notations(view.text.as_bytes()) {
        known_hosts(view, context, findings);
    }
    if !view.is_json {
        whole_value::detect(view.text, 0, context, findings);
        comparison::detect(view.text, 0, context, findings);
    }
}

/// Masks the part of the string `value`, which starts at `base`, that `decision` names.
pub(crate) fn field(
    value: &str,
    base: usize,
    kind: FieldKind,
    decision: &Decision,
    context: Context<'_>,
    findings: &mut Findings<'_>,
) {
    let Decision::Masked(label, part) = decision else {
        return;
    };
    if !context.masks(*label) && kind != FieldKind::Forced {
        return;
    }
    let named = &value[part.clone()];
    let name = match (kind, label) {
        // A person's name may be percent-encoded.
        (FieldKind::Forced, _) | (_, Label::Ip | Label::Message) => named.into(),
        (_, Label::User) => percent_decoded_name(named),
    };
    findings.mask_as(*label, &name, base + part.start..base + part.end);
}

/// The pseudonym of the number `value`, if `decision` masks it.
pub(crate) fn number<'f>(
    value: &str,
    kind: FieldKind,
    decision: &Decision,
    context: Context<'_>,
    findings: &'f mut Findings<'_>,
) -> Option<&'f str> {
    let Decision::Masked(label, _) = decision else {
        return None;
    };
    let is_number = value.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let is_masked = context.masks(*label) || kind == FieldKind::Forced;
    if is_number && is_masked {
        findings.masker.mask(*label, value)
    } else {
        None
    }
}

/// ARNs: the names of users and sessions are masked, the rest of the structure and the names of
/// roles and machines are kept.
fn arns(view: View<'_>, findings: &mut Findings<'_>) {
    for arn in view.arns {
        match &arn.principal {
            Principal::User(name) | Principal::Session(name) => {
                let spelled = percent_decoded_name(&view.text[name.clone()]);
                findings.mask_as(Label::User, &spelled, name.clone());
            }
            Principal::Role(name) | Principal::Machine(name) => findings.edits.keep(name.clone()),
            Principal::Nobody => {}
        }
        findings.edits.keep(arn.kept.clone());
    }
}

/// The people and hosts of the record, wherever a text names them.
fn entities(view: View<'_>, context: Context<'_>, findings: &mut Findings<'_>) {
    context.entities.each_in(view.text, |entity, range| {
        // In JSON a quote is the border of a string, not a part of a name.
        let is_across = view.is_json && view.text.as_bytes()[range.clone()].contains(&b'"');
        if findings.edits.cover(view.first_edit, &range) {
            return;
        }
        let is_other = || entity.is_person() && is_other_name(context, entity, view.text, &range);
        if !is_across && !is_other() {
            findings.edits.replace(range, &entity.token);
        }
    });
}

/// Whether the name at `range` is a part of the name of something else: a role, a Region, an AWS
/// service, an own resource or AWS vocabulary.
fn is_other_name(context: Context<'_>, entity: &Entity, text: &str, range: &Range<usize>) -> bool {
    let around = Surroundings::of(text, range);
    let is_longer = |name: &str| name.len() > range.len();
    let is_role = |name: &str| context.identity.names.roles.iter().any(|role| role == name);
    let is_kept =
        |name: &str| context.entities.is_own(name) || is_technical_id(name) || is_vocabulary(name);
    around.are_aws(range.len())
        || is_longer(around.name) && is_role(around.name)
        || entity.yields
            && [around.name, around.host]
                .iter()
                .any(|name| is_longer(name) && is_kept(name))
}

/// Email addresses, which name a person wherever they occur.
fn emails(view: View<'_>, context: Context<'_>, findings: &mut Findings<'_>) {
    for at in memchr::memchr_iter(b'@', view.text.as_bytes()) {
        let Some(range) = email_around(view.text, at) else {
            continue;
        };
        match context.entities.alike(&view.text[range.clone()]) {
            Some(token) => findings.edits.replace(range, token),
            None => findings.mask(Label::User, view.text, range),
        }
    }
}

/// Masks the hosts of the record in notations beyond their search patterns.
fn known_hosts(view: View<'_>, context: Context<'_>, findings: &mut Findings<'_>) {
    context.entities.each_host_in(view.text, |host, range| {
        findings.edits.replace(range, &host.token);
    });
}
