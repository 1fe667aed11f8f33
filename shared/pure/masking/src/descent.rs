//! Runs the detectors over a record and everything inside its strings: JSON, escapes,
//! percent-encoding.

use cloudtrail::{MatchKind, Record};

use crate::Masker;
use crate::arn::{Arn, ArnFinder};
use crate::classify::Decision;
use crate::decoded_text::DecodedText;
use crate::detect::{self, Context, Findings, View, comparison, whole_value};
use crate::edits::{Edits, Placement};
use crate::fields::FieldKind;
use crate::json_text::{JsonText, Value, content_of};

/// Maximum depth of JSON inside strings. Deeper JSON is free text.
const MAX_NESTED: usize = 4;

/// Maximum number of decoding passes over a text: percent-encoding, escapes outside JSON.
const MAX_DECODED: usize = 8;

/// What a descent works with.
pub(crate) struct Descent<'d> {
    pub(crate) finder: &'d ArnFinder,
    pub(crate) masker: &'d mut Masker,
    pub(crate) edits: &'d mut Edits,
}

impl Descent<'_> {
    /// Records the edits of a JSON text and of all that is inside its strings.
    pub(crate) fn json(
        &mut self,
        json: JsonText<'_>,
        values: &[Value<'_>],
        arns: &[Arn],
        context: Context<'_>,
    ) {
        for value in values {
            self.value(json, value, context);
        }
        let first = self.edits.len();
        // Fields first, since of two edits of the same part the first one counts.
        self.fields(json, values, context);
        let view = View {
            text: json.text,
            arns,
            is_json: true,
            first_edit: first,
        };
        detect::in_text(view, context, &mut self.findings());
        self.strings(json, values, context);
        let placement = |range: &_| json.placement(range, values, context);
        self.edits.place(first, json.map, placement);
        self.encoded_strings(json, values, context);
    }

    /// Masks plain strings as their keys require, and those that are an address.
    fn fields(&mut self, json: JsonText<'_>, values: &[Value<'_>], context: Context<'_>) {
        let mut last = (usize::MAX, "");
        for value in values.iter().filter(|value| value.decoded.is_none()) {
            let found = &json.record.matches()[value.index];
            if found.kind != MatchKind::String {
                continue;
            }
            let start = content_of(found).start;
            let (kind, decision) = (value.kind, &value.decision);
            let mut findings = self.findings();
            if matches!(decision, Decision::Masked(..)) {
                detect::field(value.raw, start, kind, decision, context, &mut findings);
            } else if kind == FieldKind::Address {
                whole_value::detect_in_list(value.raw, start, context, &mut findings);
            } else if whole_value::is_candidate(value.raw.as_bytes())
                && !json.is_other_number(value, &mut last)
            {
                whole_value::detect(value.raw, start, context, &mut findings);
            }
        }
    }

    fn findings(&mut self) -> Findings<'_> {
        Findings {
            masker: self.masker,
            edits: self.edits,
        }
    }

    /// Looks at the strings that may compare a key with a value.
    fn strings(&mut self, json: JsonText<'_>, values: &[Value<'_>], context: Context<'_>) {
        let mut done = 0;
        for at in memchr::memchr2_iter(b'=', b'\'', json.text.as_bytes()) {
            if at >= done
                && let Some(content) = json.string_at(at, values, context)
            {
                done = content.end;
                let text = &json.text[content.clone()];
                comparison::detect(text, content.start, context, &mut self.findings());
            }
        }
    }

    /// Masks a value with escapes and what is inside it, or a number, as its key requires.
    fn value(&mut self, json: JsonText<'_>, value: &Value<'_>, context: Context<'_>) {
        let (kind, decision) = (value.kind, &value.decision);
        let first = self.edits.len();
        let Some((decoded, arns)) = value.decoded.as_deref() else {
            let found = &json.record.matches()[value.index];
            if found.kind == MatchKind::Other
                && let Some(token) =
                    detect::number(value.raw, kind, decision, context, &mut self.findings())
            {
                let token = token.to_owned();
                let range = json.map.raw_range(found.span.range());
                self.edits.replace_quoted(range, &token, json.map.quote());
            }
            return;
        };
        detect::field(
            &decoded.text,
            0,
            kind,
            decision,
            context,
            &mut self.findings(),
        );
        self.edits
            .place(first, decoded.map(), |_| Placement::InString);
        let is_decided = match decision {
            Decision::Stays => true,
            Decision::Masked(label, part) => {
                context.masks(*label) && part.len() == decoded.text.len()
            }
            Decision::Text => false,
        };
        if !is_decided {
            let may_be_json = *decision == Decision::Text;
            self.inside((decoded, arns), may_be_json, json.nested, 0, context);
        }
    }

    /// Decodes the percent-encoded strings of a JSON text.
    fn encoded_strings(&mut self, json: JsonText<'_>, values: &[Value<'_>], context: Context<'_>) {
        let mut done = 0;
        for at in memchr::memchr_iter(b'%', json.text.as_bytes()) {
            if at >= done
                && let Some(content) = json.string_at(at, values, context)
            {
                done = content.end;
                let map = json.map.shifted(content.start);
                if let Some(decoded) = DecodedText::decode(&json.text[content], map) {
                    let arns = self.finder.find(&decoded.text);
                    self.inside((&decoded, &arns), true, json.nested, 1, context);
                }
            }
        }
    }

    /// Records the edits of a decoded text with its ARNs: of its JSON, if it `may_be_json` and is,
    /// or of the text and everything that is encoded in it.
    fn inside(
        &mut self,
        (decoded, arns): (&DecodedText, &[Arn]),
        may_be_json: bool,
        nested: usize,
        passes: usize,
        context: Context<'_>,
    ) {
        if may_be_json && self.nested_json(decoded, arns, nested + 1, context) {
            return;
        }
        let first = self.edits.len();
        let view = View {
            text: &decoded.text,
            arns,
            is_json: false,
            first_edit: first,
        };
        detect::in_text(view, context, &mut self.findings());
        self.edits
            .place(first, decoded.map(), |_| Placement::InString);
        if passes < MAX_DECODED
            && let Some(again) = DecodedText::decode(&decoded.text, decoded.map())
        {
            let arns = self.finder.find(&again.text);
            self.inside((&again, &arns), true, nested, passes + 1, context);
        }
    }

    /// Records the edits of the JSON in a text; `false` if it contains none.
    fn nested_json(
        &mut self,
        decoded: &DecodedText,
        arns: &[Arn],
        nested: usize,
        context: Context<'_>,
    ) -> bool {
        let is_json = decoded.text.trim_ascii_start().starts_with(['{', '[', '"']);
        if nested > MAX_NESTED || !is_json {
            return false;
        }
        let mut record = Record::default();
        if record.scan(decoded.text.as_bytes(), context.keys).is_err() {
            return false;
        }
        let json = JsonText {
            text: &decoded.text,
            record: &record,
            map: decoded.map(),
            nested,
        };
        let Some(mut values) = json.values(self.finder) else {
            return false;
        };
        let identity = json.identity(&values, context.identity.names);
        json.classify(&mut values, identity, context.keys);
        self.json(
            json,
            &values,
            arns,
            Context {
                identity,
                ..context
            },
        );
        true
    }
}
