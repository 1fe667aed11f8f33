//! CloudTrail records and their envelopes, made up.
//!
//! Names are invented, addresses are those that RFC 5737 and RFC 3849 set apart for examples.

mod calls;
mod envelope;
mod identity;

use std::fmt::Write as _;

use fastrand::Rng;

pub use envelope::{envelope_of, gzip};
use identity::Identity;

/// The account that everything happens in.
pub(crate) const ACCOUNT: &str = "111122223333";

/// An endless trail of records: mixed services and identities, some refused calls, 0.6 to 6 KB
/// and some 1.6 KB in the mean. 50 of them in an envelope compress about 7 to 1, as real ones do.
/// The same seed gives the same trail.
pub struct Trail {
    rng: Rng,
    /// Epoch seconds of the last record.
    clock: u64,
    records: u64,
}

impl Trail {
    /// The trail of `seed`, which begins on 27 October 2023.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            clock: 1_698_417_200,
            records: 0,
        }
    }

    /// The next record: one JSON object on one line, with an event id and a time of its own.
    pub fn next_event(&mut self) -> String {
        self.clock += self.rng.u64(0..3);
        self.records += 1;
        let identity = Identity::any(&mut self.rng);
        let call = calls::any(&mut self.rng, &identity);
        let mut out = String::with_capacity(2048);
        let rng = &mut self.rng;
        let region = rng.choice([
            "us-east-1",
            "us-east-1",
            "us-east-1",
            "eu-west-1",
            "ap-south-1",
        ]);
        let region = region.unwrap_or("us-east-1");
        let _ = write!(
            out,
            r#"{{"eventVersion":"1.09","userIdentity":{},"eventTime":"{}","eventSource":"{}","eventName":"{}","awsRegion":"{region}","sourceIPAddress":"{}","userAgent":"{}""#,
            identity.json,
            time(self.clock),
            call.source,
            call.name,
            identity.address,
            identity.agent,
        );
        if !call.is_read_only && rng.u8(..) < 40 {
            let who = &identity.arn;
            let action = format!(
                "{}:{}",
                call.source.split('.').next().unwrap_or_default(),
                call.name
            );
            let _ = write!(
                out,
                r#","errorCode":"AccessDenied","errorMessage":"User: {who} is not authorized to perform: {action} because no identity-based policy allows the {action} action","requestParameters":null,"responseElements":null"#
            );
        } else {
            let _ = write!(
                out,
                r#","requestParameters":{},"responseElements":{}"#,
                call.request, call.response
            );
        }
        let _ = write!(
            out,
            r#","requestID":"{}","eventID":"{}","readOnly":{}{},"eventType":"{}","managementEvent":{},"recipientAccountId":"{ACCOUNT}","eventCategory":"{}""#,
            uuid(rng),
            uuid(rng),
            call.is_read_only,
            call.resources,
            call.event_type,
            call.is_management,
            if call.is_management {
                "Management"
            } else {
                "Data"
            },
        );
        if rng.u8(..) < 190 {
            let host = call.source;
            let _ = write!(
                out,
                r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{}.{region}.amazonaws.com"}}"#,
                host.split('.').next().unwrap_or_default()
            );
        }
        out.push('}');
        out
    }

    /// The next `events` records in a CloudWatch Logs subscription envelope.
    pub fn next_envelope(&mut self, events: usize) -> String {
        let records: Vec<String> = (0..events).map(|_| self.next_event()).collect();
        let first = self.records - events as u64;
        envelope_of(&records, first, self.clock * 1000)
    }
}

/// 32 hexadecimal digits in the groups of a version 4 UUID.
pub(crate) fn uuid(rng: &mut Rng) -> String {
    let (a, b) = (rng.u64(..), rng.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// So many upper-case letters and digits, as in access keys and unique ids.
pub(crate) fn unique(rng: &mut Rng, prefix: &str, len: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = (0..len).map(|_| char::from(ALPHABET[rng.usize(..32)]));
    prefix.chars().chain(letters).collect()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(rng: &mut Rng, len: usize) -> String {
    (0..len)
        .map(|_| char::from_digit(rng.u32(..16), 16).unwrap_or('0'))
        .collect()
}

/// A time on 27 or 28 October 2023, given epoch seconds; later ones stay on the 28th.
pub(crate) fn time(seconds: u64) -> String {
    let second = seconds - 1_698_364_800;
    let (day, clock) = if second < 86_400 {
        (27, second)
    } else {
        (28, second % 86_400)
    };
    format!(
        "2023-10-{day}T{:02}:{:02}:{:02}Z",
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    )
}

#[cfg(test)]
mod tests;
