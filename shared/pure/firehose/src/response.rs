//! The response to an invocation, within a limit of bytes.

use std::ops::Range;

use crate::request::Request;

const HEAD: &[u8] = b"{\"records\":[";
const TAIL: &[u8] = b"]}";

/// The length in bytes of the base64 of `bytes` bytes.
pub fn base64_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Bytes of data, before base64, that fit into `bytes` bytes of base64.
pub fn decoded_room(bytes: usize) -> usize {
    bytes / 4 * 3
}

/// A response that grows record by record and never exceeds its limit.
///
/// Every record without a result has room reserved for the longest result without data, so that an
/// early record cannot use the room for the ids of later ones.
pub struct Response {
    body: Vec<u8>,
    limit: usize,
    /// Bytes reserved for records that have no result yet.
    reserved: usize,
    results: Vec<Range<usize>>,
}

impl Response {
    /// An empty response to `request` of at most `limit` bytes. A limit below the size of all results
    /// without data is exceeded, because Firehose requires a result for every id.
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
            results: Vec::new(),
        }
    }

    /// Bytes of data, before base64, that an `Ok` result of the next record, `id`, can hold.
    pub fn room(&self, id: &str) -> usize {
        let others = self.reserved - reserve(id);
        let used = self.body.len() + others + TAIL.len() + ok_len(id) + 1;
        decoded_room(self.limit.saturating_sub(used))
    }

    /// Bytes of data, before base64, that a response with `id` alone could hold.
    pub fn room_alone(id: &str, limit: usize) -> usize {
        decoded_room(limit.saturating_sub(HEAD.len() + TAIL.len() + ok_len(id)))
    }

    /// Adds `id` as `Ok` with `data`, which must fit into [`Response::room`].
    pub fn ok(&mut self, id: &str, data: &[u8]) {
        debug_assert!(data.len() <= self.room(id), "callers check the room first");
        self.push(id, |body| {
            body.extend_from_slice(b",\"result\":\"Ok\",\"data\":\"");
            body.reserve(base64_len(data.len()));
            base64_simd::STANDARD.encode_append(data, body);
            body.extend_from_slice(b"\"}");
        });
    }

    /// Adds `id` as `Dropped`: Firehose treats the record as processed and discards it.
    pub fn dropped(&mut self, id: &str) {
        self.push(id, |body| body.extend_from_slice(DROPPED));
        // `finish` may turn it into the longer result.
        self.reserved += FAILED.len() - DROPPED.len();
    }

    /// Adds `id` as `ProcessingFailed`: Firehose stores the original record in `processing-failed/`.
    pub fn failed(&mut self, id: &str) {
        self.push(id, |body| body.extend_from_slice(FAILED));
    }

    /// The response, with the results of `failed` (indexes in the request, ascending) turned into
    /// `ProcessingFailed`.
    pub fn finish(mut self, request: &Request<'_>, failed: &[usize]) -> Vec<u8> {
        if !failed.is_empty() {
            let old = std::mem::replace(&mut self.body, HEAD.to_vec());
            for (index, result) in std::mem::take(&mut self.results).into_iter().enumerate() {
                let id = request.records[index].id();
                match failed.binary_search(&index) {
                    Ok(_) => self.failed(id),
                    Err(_) => self.push_verbatim(&old[result]),
                }
            }
        }
        self.body.extend_from_slice(TAIL);
        self.body
    }

    fn push(&mut self, id: &str, rest: impl FnOnce(&mut Vec<u8>)) {
        self.reserved = self.reserved.saturating_sub(reserve(id));
        self.separate();
        let start = self.body.len();
        self.body.extend_from_slice(b"{\"recordId\":");
        self.body.extend_from_slice(id.as_bytes());
        rest(&mut self.body);
        self.results.push(start..self.body.len());
    }

    fn push_verbatim(&mut self, result: &[u8]) {
        self.separate();
        let start = self.body.len();
        self.body.extend_from_slice(result);
        self.results.push(start..self.body.len());
    }

    fn separate(&mut self) {
        if !self.results.is_empty() {
            self.body.push(b',');
        }
    }
}

const DROPPED: &[u8] = b",\"result\":\"Dropped\"}";
const FAILED: &[u8] = b",\"result\":\"ProcessingFailed\"}";

/// Bytes of the longest result without data, and the comma before it.
fn reserve(id: &str) -> usize {
    b"{\"recordId\":".len() + id.len() + FAILED.len() + 1
}

/// Bytes of an `Ok` result without its base64.
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
    fn writes_the_format_of_the_developer_guide() {
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
    fn fills_the_limit_to_the_last_base64_group_and_never_exceeds_it() {
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
    fn a_result_can_be_turned_into_a_failure() {
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
    fn turning_results_into_failures_stays_within_the_limit() {
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
