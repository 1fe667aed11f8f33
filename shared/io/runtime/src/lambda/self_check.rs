//! The self-check: an invocation that asks whether the function has started.

use serde::Serialize;

/// The response to a self-check. There is none if the service cannot start: the process has ended
/// then, so that the invocation fails.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SelfCheck {
    status: &'static str,
    function: String,
    /// What keeps the function from processing events, although it can be deployed.
    warnings: Vec<String>,
}

impl SelfCheck {
    pub(crate) fn ok(function: String, warnings: Vec<String>) -> Self {
        Self {
            status: "ok",
            function,
            warnings,
        }
    }
}

/// Whether an event is the self-check: an invocation without a payload, which Lambda passes on as
/// `{}`, or `null`. No route of events sends either.
pub(crate) fn is_self_check(event: &str) -> bool {
    let event = event.trim();
    let members = event
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    event == "null" || members.is_some_and(|members| members.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_event_without_content_is_the_self_check() {
        for event in ["{}", " { \n} ", "null", "null\n"] {
            assert!(is_self_check(event), "{event}");
        }
        for event in ["[]", "\"\"", "0", "{\"a\":1}", "{}{}", "nulls"] {
            assert!(!is_self_check(event), "{event}");
        }
    }

    #[test]
    fn the_response_is_the_documented_json() {
        let warnings = vec!["SECRET_NAME: empty".to_owned()];
        let response = serde_json::to_value(SelfCheck::ok("f".into(), warnings)).unwrap();
        let expected = serde_json::json!({
            "status": "ok", "function": "f", "warnings": ["SECRET_NAME: empty"],
        });
        assert_eq!(response, expected);
    }
}
