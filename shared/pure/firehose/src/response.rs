//! The answer to an invocation, within the bytes that Lambda lets through.

use std::ops::Range;

use crate::{Request, base64_len};

const HEAD: &[u8] = b"{\"records\":[";
const TAIL: &[u8] = b"]}";

/// Bytes of data, before base64, that fit an answer of so many bytes.
pub fn decoded_room(bytes: usize) -> usize {
    bytes / 4 * 3
}

/// A response that grows record by record and never over its limit.
///
/// Every record that has still to be answered has room reserved for the longest answer without
/// data, so that an early record cannot crowd out the ids of the later ones.
pub struct Response {
    body: Vec<u8>,
    limit: usize,
    /// Bytes reserved for records that have no answer yet.
    reserved: usize,
    answers: Vec<Range<usize>>,
}

impl Response {
    /// An empty response to `request` of at most `limit` bytes. A limit below what the answers
    /// without data take cannot be held: Firehose wants every id answered.
    pub fn new(request: &Request<'_>, limit: usize) -> Self {
        let reserved = request
            .records
            .iter()
            .map(|record| reserve(record.id()))
            .sum();
        Self {
            body: HEAD.to_vec(),
            limit,
            reserved,
            answers: Vec::new(),
        }
    }

    /// Bytes of data, before base64, that an `Ok` answer to the next record, `id`, can hold.
    pub fn room(&self, id: &str) -> usize {
        let others = self.reserved - reserve(id);
        let taken = self.body.len() + others + TAIL.len() + ok_len(id) + 1;
        decoded_room(self.limit.saturating_sub(taken))
    }

    /// Bytes of data, before base64, that a response to `id` alone could hold.
    pub fn room_alone(id: &str, limit: usize) -> usize {
        decoded_room(limit.saturating_sub(HEAD.len() + TAIL.len() + ok_len(id)))
    }

    /// Answers `Ok` with `data`, which [`Response::room`] must have allowed.
    pub fn ok(&mut self, id: &str, data: &[u8]) {
        debug_assert!(
            data.len() <= self.room(id),
            "callers ask for the room first"
        );
        self.answer(id, |body| {
            body.extend_from_slice(b",\"result\":\"Ok\",\"data\":\"");
            body.reserve(base64_len(data.len()));
            base64_simd::STANDARD.encode_append(data, body);
            body.extend_from_slice(b"\"}");
        });
    }

    /// Answers `Dropped`: Firehose counts the record as done and forgets it.
    pub fn dropped(&mut self, id: &str) {
        self.answer(id, |body| body.extend_from_slice(DROPPED));
        // It may yet be turned into the longer answer.
        self.reserved += FAILED.len() - DROPPED.len();
    }

    /// Answers `ProcessingFailed`: Firehose keeps the record as it came in `processing-failed/`.
    pub fn failed(&mut self, id: &str) {
        self.answer(id, |body| body.extend_from_slice(FAILED));
    }

    /// The response, with the answers to `failed` (places in the request, ascending) turned into
    /// `ProcessingFailed`.
    pub fn finish(mut self, request: &Request<'_>, failed: &[usize]) -> Vec<u8> {
        if !failed.is_empty() {
            let old = std::mem::replace(&mut self.body, HEAD.to_vec());
            for (place, answer) in std::mem::take(&mut self.answers).into_iter().enumerate() {
                let id = request.records[place].id();
                match failed.binary_search(&place) {
                    Ok(_) => self.failed(id),
                    Err(_) => self.answer_verbatim(&old[answer]),
                }
            }
        }
        self.body.extend_from_slice(TAIL);
        self.body
    }

    fn answer(&mut self, id: &str, rest: impl FnOnce(&mut Vec<u8>)) {
        self.reserved = self.reserved.saturating_sub(reserve(id));
        self.separate();
        let start = self.body.len();
        self.body.extend_from_slice(b"{\"recordId\":");
        self.body.extend_from_slice(id.as_bytes());
        rest(&mut self.body);
        self.answers.push(start..self.body.len());
    }

    fn answer_verbatim(&mut self, answer: &[u8]) {
        self.separate();
        let start = self.body.len();
        self.body.extend_from_slice(answer);
        self.answers.push(start..self.body.len());
    }

    fn separate(&mut self) {
        if !self.answers.is_empty() {
            self.body.push(b',');
        }
    }
}

const DROPPED: &[u8] = b",\"result\":\"Dropped\"}";
const FAILED: &[u8] = b",\"result\":\"ProcessingFailed\"}";

/// Bytes of the longest answer without data, and the comma before it.
fn reserve(id: &str) -> usize {
    b"{\"recordId\":".len() + id.len() + FAILED.len() + 1
}

/// Bytes of an `Ok` answer beside its base64.
fn ok_len(id: &str) -> usize {
    b"{\"recordId\":".len() + id.len() + b",\"result\":\"Ok\",\"data\":\"\"}".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(ids: &[&str]) -> String {
        let records: Vec<String> = ids
            .iter()
            .map(|id| format!(r#"{{"recordId":"{id}","data":""}}"#))
            .collect();
        format!(r#"{{"records":[{}]}}"#, records.join(","))
    }

    #[test]
    fn answers_in_the_form_of_the_developer_guide() {
        let event = event(&["1", "2", "3"]);
        let request = Request::parse(&event).unwrap();
        let mut response = Response::new(&request, 1000);
        response.ok("\"1\"", b"x\n");
        response.dropped("\"2\"");
        response.failed("\"3\"");
        assert_eq!(
            String::from_utf8(response.finish(&request, &[])).unwrap(),
            concat!(
                r#"{"records":[{"recordId":"1","result":"Ok","data":"eAo="},"#,
                r#"{"recordId":"2","result":"Dropped"},{"recordId":"3","result":"ProcessingFailed"}]}"#
            )
        );
    }

    #[test]
    fn fills_the_limit_to_the_last_group_of_four_and_never_over() {
        for limit in 300..330 {
            let event = event(&["first", "second", "third"]);
            let request = Request::parse(&event).unwrap();
            let mut response = Response::new(&request, limit);
            let room = response.room("\"first\"");
            response.ok("\"first\"", &vec![b'x'; room]);
            response.failed("\"second\"");
            let last = response.room("\"third\"");
            response.ok("\"third\"", &vec![b'x'; last]);
            let len = response.finish(&request, &[]).len();
            assert!(len <= limit && limit - len < 8, "{len} of {limit}");
        }
    }

    #[test]
    fn an_answer_can_be_taken_back() {
        let event = event(&["1", "2"]);
        let request = Request::parse(&event).unwrap();
        let mut response = Response::new(&request, 1000);
        response.ok("\"1\"", b"x");
        response.dropped("\"2\"");
        let body = String::from_utf8(response.finish(&request, &[1])).unwrap();
        assert!(
            body.contains(r#"{"recordId":"1","result":"Ok","data":"eA=="}"#),
            "{body}"
        );
        assert!(
            body.ends_with(r#",{"recordId":"2","result":"ProcessingFailed"}]}"#),
            "{body}"
        );
    }

    #[test]
    fn taking_answers_back_stays_within_the_limit() {
        let event = event(&["1", "2", "3", "4"]);
        let request = Request::parse(&event).unwrap();
        for limit in 300..330 {
            let mut response = Response::new(&request, limit);
            response.dropped("\"1\"");
            response.dropped("\"2\"");
            response.dropped("\"3\"");
            let room = response.room("\"4\"");
            response.ok("\"4\"", &vec![b'x'; room]);
            let len = response.finish(&request, &[0, 1, 2]).len();
            assert!(len <= limit, "{len} of {limit}");
        }
    }
}
