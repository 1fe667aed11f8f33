//! The HEC objects in a body: validated and returned one by one, as they were written.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ReplyCode;

/// The first object that is not accepted. Those before it are indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RejectedObject {
    pub(super) code: ReplyCode,
    /// 0-based.
    pub(super) number: usize,
}

/// The members of an object that are validated.
#[derive(Deserialize)]
struct HecObject<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
}

/// Indexes the objects of `body` in order, up to the first bad one or to `stop`, and returns their
/// number. Objects are separated by optional white space, or are elements of arrays.
pub(super) fn index_objects(
    body: &[u8],
    stop: Option<RejectedObject>,
    mut index: impl FnMut(&[u8]),
) -> Result<usize, RejectedObject> {
    let mut number = 0;
    let mut accept = |object: &str| {
        if let Some(stop) = stop.filter(|stop| stop.number == number) {
            return Err(stop);
        }
        check(object).map_err(|code| RejectedObject { code, number })?;
        index(object.as_bytes());
        number += 1;
        Ok(())
    };
    let mut is_truncated = false;
    for value in serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>() {
        let Ok(value) = value.map(RawValue::get) else {
            is_truncated = true;
            break;
        };
        if value.starts_with('[') {
            let elements: Vec<&RawValue> =
                serde_json::from_str(value).expect("a raw value that opens with [ is an array");
            for element in elements {
                accept(element.get())?;
            }
        } else {
            accept(value)?;
        }
    }
    if is_truncated {
        return Err(RejectedObject {
            code: ReplyCode::InvalidDataFormat,
            number,
        });
    }
    Ok(number)
}

fn check(object: &str) -> Result<(), ReplyCode> {
    let object: HecObject<'_> =
        serde_json::from_str(object).map_err(|_| ReplyCode::InvalidDataFormat)?;
    if object.time.is_some_and(|time| !is_time(time.get())) {
        return Err(ReplyCode::InvalidDataFormat);
    }
    match object.event.map(RawValue::get) {
        None => return Err(ReplyCode::EventRequired),
        Some("\"\"") => return Err(ReplyCode::EventBlank),
        Some(_) => {}
    }
    if object.fields.is_some_and(|fields| !is_flat(fields.get())) {
        return Err(ReplyCode::IndexedFields);
    }
    Ok(())
}

/// A number, or a string that holds one.
fn is_time(time: &str) -> bool {
    let text = time.trim_matches('"');
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// An object of scalars and arrays of scalars.
fn is_flat(fields: &str) -> bool {
    fn is_scalar(value: &Value) -> bool {
        !value.is_object() && !value.is_array()
    }
    let Ok(Value::Object(fields)) = serde_json::from_str(fields) else {
        return false;
    };
    fields.values().all(|value| match value {
        Value::Array(values) => values.iter().all(is_scalar),
        value => is_scalar(value),
    })
}
