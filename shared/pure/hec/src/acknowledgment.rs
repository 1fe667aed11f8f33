//! The meaning of a response to an acknowledgment poll for one request.

use std::collections::HashMap;

use serde::Deserialize;

use crate::response_class::ResponseClass;

/// The state of one request, by the response to a poll.
///
/// Splunk, "About HTTP Event Collector Indexer Acknowledgment": the reply is
/// `{"acks":{"<id>":<bool>}}`, and `true` is reported once. `false` means not indexed yet, lost,
/// or an unknown id (Apache NiFi, "QuerySplunkIndexingStatus", additional details).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckStatus {
    /// The request is indexed.
    Indexed,
    /// The request is not indexed yet, or the response does not say: poll again.
    Pending,
    /// The collector does not know the channel or the id, or acknowledgment is disabled: no later
    /// response will be positive.
    Unknown,
    /// The token was rejected.
    Unauthorized,
}

#[derive(Deserialize)]
struct Reply {
    acks: HashMap<String, bool>,
}

impl AckStatus {
    /// The state of the request `id`, by the HTTP status and the body of the response to a poll.
    pub fn from_response(status: u16, body: &[u8], id: u64) -> Self {
        // A derived struct would also accept an array.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        let reply: Option<Reply> = serde_json::from_slice(body).ok().filter(|_| is_object);
        match (status, reply) {
            (200, Some(reply)) => match reply.acks.get(&id.to_string()) {
                Some(true) => Self::Indexed,
                Some(false) => Self::Pending,
                None => Self::Unknown,
            },
            // One object, so that no code applies to a part of the request.
            _ => match ResponseClass::from_response(status, body, 1) {
                ResponseClass::Unauthorized => Self::Unauthorized,
                ResponseClass::Misconfigured {
                    code: Some(10 | 11 | 14),
                } => Self::Unknown,
                _ => Self::Pending,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_true_for_this_id_is_an_acknowledgment() {
        for (status, body, expected) in [
            (200, r#"{"acks":{"0":false,"7":true}}"#, AckStatus::Indexed),
            (200, r#"{"acks":{"0":true,"7":false}}"#, AckStatus::Pending),
            (200, r#"{"acks":{"0":true}}"#, AckStatus::Unknown),
            (200, r#"{"acks":{"07":true}}"#, AckStatus::Unknown),
            (200, r#"{"acks":{}}"#, AckStatus::Unknown),
            (200, r#"{"acks":{"7":"true"}}"#, AckStatus::Pending),
            (200, r#"{"acks":{"7":1}}"#, AckStatus::Pending),
            (200, r#"[{"7":true}]"#, AckStatus::Pending),
            (200, r#"{"acks":[7]}"#, AckStatus::Pending),
            (200, r#"{"text":"Success","code":0}"#, AckStatus::Pending),
            (200, "<html>sign in</html>", AckStatus::Pending),
            (200, "", AckStatus::Pending),
            (201, r#"{"acks":{"7":true}}"#, AckStatus::Pending),
            (503, r#"{"acks":{"7":true}}"#, AckStatus::Pending),
            (400, r#"{"code":10}"#, AckStatus::Unknown),
            (400, r#"{"code":11}"#, AckStatus::Unknown),
            (400, r#"{"code":14}"#, AckStatus::Unknown),
            (400, r#"{"code":5}"#, AckStatus::Pending),
            (400, "<html>", AckStatus::Pending),
            (404, "", AckStatus::Pending),
            (429, "", AckStatus::Pending),
            (503, r#"{"code":9}"#, AckStatus::Pending),
            (401, "", AckStatus::Unauthorized),
            (403, r#"{"code":4}"#, AckStatus::Unauthorized),
        ] {
            let read = AckStatus::from_response(status, body.as_bytes(), 7);
            assert_eq!(read, expected, "{status} {body}");
        }
    }

    proptest::proptest! {
        /// For any bytes, only a 200 with this id as `true` is an acknowledgment.
        #[test]
        fn no_other_response_is_an_acknowledgment(
            status in proptest::prop_oneof![proptest::strategy::Just(200_u16), 100..600_u16],
            body in "(\\{\"acks\":\\{(\"[0-9]{1,2}\":(true|false|1),?){0,3}\\}\\})|\\PC{0,40}",
            id in 0..100_u64,
        ) {
            if AckStatus::from_response(status, body.as_bytes(), id) == AckStatus::Indexed {
                proptest::prop_assert_eq!(status, 200);
                let expected = format!("\"{id}\":true");
                proptest::prop_assert!(body.contains(&expected));
            }
        }
    }
}
