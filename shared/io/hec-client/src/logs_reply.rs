//! The reply of a logs intake.

/// Whether the body of a 2xx reply reports no failure: it is empty, or a JSON object that names no
/// error and nothing rejected.
pub(crate) fn is_success(body: &[u8]) -> bool {
    if body.trim_ascii().is_empty() {
        return true;
    }
    let Ok(serde_json::Value::Object(reply)) = serde_json::from_slice(body) else {
        return false;
    };
    let is_nothing = |value: &serde_json::Value| match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => true,
        serde_json::Value::Number(number) => number.as_f64() == Some(0.0),
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(values) => values.is_empty(),
        serde_json::Value::Object(members) => members.is_empty(),
        serde_json::Value::Bool(true) => false,
    };
    reply.iter().all(|(name, value)| {
        let name = name.to_lowercase();
        let complains = ["error", "reject", "fail", "partialsuccess"]
            .iter()
            .any(|word| name.contains(word));
        !complains || is_nothing(value)
    })
}
