//! Synthetic CloudTrail records and their envelopes.
//!
//! Names are invented; addresses are from the ranges that RFC 5737 and RFC 3849 reserve for examples.

mod calls;
mod envelope;
mod identity;
mod values;

use std::fmt::Write as _;

use fastrand::Rng;

use calls::Call;
pub use envelope::{envelope_of, gzip};
use identity::Identity;
use values::{ACCOUNT, time, uuid};

/// The Regions of calls, by how often they are chosen.
const REGIONS: [&str; 5] = [
    "us-east-1",
    "us-east-1",
    "us-east-1",
    "eu-west-1",
    "ap-south-1",
];

/// An endless trail of records: mixed services and identities, some denied calls, 0.6 to 6 KB and
/// about 1.6 KB on average. 50 of them in an envelope compress about 7 to 1, like real ones.
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

    /// The next record: one JSON object on one line, with its own event id and time.
    pub fn next_event(&mut self) -> String {
        self.clock += self.rng.u64(0..3);
        self.records += 1;
        let identity = Identity::any(&mut self.rng);
        let call = calls::any(&mut self.rng, &identity);
        let mut out = String::with_capacity(2048);
        let rng = &mut self.rng;
        let region = rng.choice(REGIONS).unwrap_or("us-east-1");
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
        let is_denied = !call.is_read_only && rng.u8(..) < 40;
        out.push_str(&outcome(&call, &identity, is_denied));
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
            out.push_str(&tls_details(&call, region));
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

/// The members of a record that depend on whether the call is denied.
fn outcome(call: &Call, identity: &Identity, is_denied: bool) -> String {
    if !is_denied {
        return format!(
            r#","requestParameters":{},"responseElements":{}"#,
            call.request, call.response
        );
    }
    let who = &identity.arn;
    let action = format!("{}:{}", service(call), call.name);
    format!(
        r#","errorCode":"AccessDenied","errorMessage":"User: {who} is not authorized to perform: {action} because no identity-based policy allows the {action} action","requestParameters":null,"responseElements":null"#
    )
}

fn tls_details(call: &Call, region: &str) -> String {
    let service = service(call);
    format!(
        r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.{region}.amazonaws.com"}}"#
    )
}

/// The service of a call, as in its endpoint.
fn service(call: &Call) -> &str {
    call.source.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
