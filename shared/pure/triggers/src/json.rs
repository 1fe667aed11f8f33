//! JSON objects of which only some members are read.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The members of a JSON object, as they are written. Of duplicate keys the last one counts.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct JsonObject<'j> {
    #[serde(borrow)]
    members: HashMap<Cow<'j, str>, &'j RawValue>,
}

impl<'j> JsonObject<'j> {
    /// The object that `text` is, or `None` if it is anything else.
    pub(crate) fn parse(text: &'j str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The member `key` as it is written.
    pub(crate) fn raw(&self, key: &str) -> Option<&'j str> {
        self.members.get(key).map(|value| value.get())
    }

    /// The member `key` if it is a string.
    pub(crate) fn string(&self, key: &str) -> Option<Cow<'j, str>> {
        #[derive(Deserialize)]
        struct Text<'t>(#[serde(borrow)] Cow<'t, str>);
        serde_json::from_str(self.raw(key)?)
            .ok()
            .map(|Text(text)| text)
    }

    /// Whether the member `key` is this string.
    pub(crate) fn is(&self, key: &str, text: &str) -> bool {
        self.string(key).is_some_and(|value| value == text)
    }

    /// The member `key` if it is an object.
    pub(crate) fn object(&self, key: &str) -> Option<Self> {
        Self::parse(self.raw(key)?)
    }

    /// The elements of the member `key` as they are written, if it is an array.
    pub(crate) fn array(&self, key: &str) -> Option<Vec<&'j str>> {
        let elements: Vec<&RawValue> = serde_json::from_str(self.raw(key)?).ok()?;
        Some(elements.into_iter().map(RawValue::get).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_other_types_are_absent() {
        let object =
            JsonObject::parse(r#"{"a":"x\u0041","b":[1,{"c":2}],"d":{"e":"f"},"a\n":null}"#);
        let object = object.unwrap();
        assert_eq!(object.string("a").as_deref(), Some("xA"));
        assert_eq!(object.array("b").unwrap(), ["1", r#"{"c":2}"#]);
        assert!(object.object("d").unwrap().is("e", "f"));
        assert_eq!(object.raw("a\n"), Some("null"));
        assert!(object.string("b").is_none() && object.array("a").is_none());
        assert!(object.object("a").is_none() && object.raw("z").is_none());
        for other in ["", "[]", "null", "\"a\"", "{", "{}{}"] {
            assert!(JsonObject::parse(other).is_none(), "{other}");
        }
    }
}
