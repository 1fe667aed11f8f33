//! A record as rules read it.

use std::borrow::Cow;

use rsigma_eval::{Event, EventValue, JsonEvent};
use serde_json::Value;

/// A record. A rule that reads a whole object gets its text: public rules search
/// `requestParameters` as text, because SIEMs that store records as text have it so.
pub(crate) struct RecordEvent<'r> {
    record: &'r Value,
    json: JsonEvent<'r>,
}

impl<'r> RecordEvent<'r> {
    pub(crate) fn new(record: &'r Value) -> Self {
        Self {
            record,
            json: JsonEvent::borrow(record),
        }
    }
}

/// The JSON text of an object. Quotes in its strings, which are mostly JSON themselves, are not
/// escaped.
fn text(object: &Value) -> String {
    object.to_string().replace(r#"\""#, "\"")
}

impl Event for RecordEvent<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        match self.record.get(path) {
            Some(object @ Value::Object(_)) => Some(EventValue::Str(text(object).into())),
            _ => self.json.get_field(path),
        }
    }

    fn any_string_value(&self, matches: &dyn Fn(&str) -> bool) -> bool {
        self.json.any_string_value(matches)
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.json.all_string_values()
    }

    fn to_json(&self) -> Value {
        self.record.clone()
    }
}

/// Whether the record has no parameters, or CloudTrail omitted them for their size.
pub(crate) fn lacks_parameters(record: &Value) -> bool {
    let parameters = &record["requestParameters"];
    parameters.is_null() || is_true(&parameters["omitted"])
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}
