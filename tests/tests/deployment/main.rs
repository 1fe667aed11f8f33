//! The CDK app with the shipped functions, deployed into an emulator by `cdk deploy`: events arrive at a collector,
//! masked, by every route; a second deployment changes only what its configuration changes; and `cdk destroy`
//! leaves only the mask key.
//!
//! The emulator enforces the permissions of functions' roles and the policies of queues.
//!
//! What this does not prove, because the emulator lacks it: the trail that the app can create, CloudTrail's own
//! deliveries, Firehose's use of its configuration (buffering, transformation, delivery, backup; the test does
//! these instead), CodeDeploy (aliases move at once), and the triggers and alarms of metrics. The emulator does not
//! check key policies, lets rules send to any queue, lets CloudWatch Logs invoke any function, and forwards no
//! event from one Region to another. Alarms on expressions are created without them.

mod app;
mod direct;
mod fast;
mod inventory;
mod present;
mod s3;
mod stream;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, Instant};

use scenarios::cloudtrail::{ADDRESS, PERSON};
use scenarios::{Emulator, Siem};
use serde_json::json;

use crate::app::{App, Choices};
use crate::inventory::{inventory, keys as keys_in};
use crate::stream::Taken;

/// Resources that exist before Sightline, as named in `cdk/test/deployment.config.ts`.
const BUCKET: &str = "acme-trail";
const LOG_GROUP: &str = "acme/trail";

const TOKEN: &str = "t0ken";

/// Time limit for the arrival of an event.
const SOON: Duration = Duration::from_secs(60);

/// An account with a bootstrapped CDK, the parts of a trail, and a collector.
struct Fixture {
    // Dropped before the services that it calls.
    aws: Emulator,
    siem: Siem,
    taken: Taken,
    app: App,
}

impl Fixture {
    fn set() -> Option<Self> {
        let (siem, taken) = (Siem::start(TOKEN), Taken::start());
        let aws = Emulator::start_for_deployments(&taken.url())?;
        taken.pass_on_to(&aws);
        let app = App::from_bundle(&aws, siem.url())?;
        aws.create_bucket(BUCKET);
        aws.call(
            "Logs_20140328.CreateLogGroup",
            &json!({ "logGroupName": LOG_GROUP }),
        );
        app.bootstrap();
        Some(Self {
            aws,
            siem,
            taken,
            app,
        })
    }

    /// Does what `docs/deployment.md` requires of an operator after the first deployment.
    fn fill_token(&self) {
        let token = json!({ "hec_token": TOKEN }).to_string();
        self.aws.change_secret("sightline/hec-token", &token);
    }

    /// Asserts that every route delivers its events exactly once and names no person.
    fn carries(&self, round: &str, stream: fn(&Self, &str) -> Vec<String>) {
        let before = self.siem.ids();
        let mut expected = before.clone();
        expected.extend(s3::carries(self, round));
        expected.extend(fast::carries(self, round));
        expected.extend(stream(self, round));
        expected.sort();
        assert_eq!(self.siem.ids(), expected, "nothing twice, nothing else");
        for event in self.siem.events() {
            let text = event.to_string();
            assert!(!text.contains(PERSON) && !text.contains(ADDRESS), "{text}");
        }
    }
}

#[test]
#[ignore = "`cargo xtask ci` runs it: it wants Node and the functions' zips"]
fn every_route_works_after_deployment_and_destroy_leaves_only_the_mask_key() {
    let Some(fixture) = Fixture::set() else {
        return;
    };
    let Fixture { aws, app, .. } = &fixture;
    let before = inventory(aws);

    let firehose = Choices::new("firehose", 60);
    app.deploy(&firehose);
    present::everything(aws, &present::FIREHOSE);
    fixture.fill_token();
    fixture.carries("first", stream::carries);
    stream::rejects_other_callers(&fixture);
    stream::puts_back_what_does_not_fit(&fixture);

    let deployed = inventory(aws);
    let said = app.deploy(&firehose);
    assert!(said.contains("(no changes)"), "{said}");
    assert_eq!(inventory(aws), deployed);

    keeps_serving_when_a_new_version_does_not_start(&fixture, &firehose);
    present::logs_name_no_person(aws, &present::FIREHOSE);

    let direct = Choices::new("direct", 30);
    app.deploy(&direct);
    present::everything(aws, &present::DIRECT);
    assert_eq!(present::log_days(aws), 30);
    fixture.carries("direct", direct::carries);
    direct::delivers_rejected_events_later(&fixture);
    present::logs_name_no_person(aws, &present::DIRECT);

    app.destroy(&direct);
    left_behind(aws, &before);
    // The trail's bucket keeps its files and has no notifications.
    assert_eq!(aws.keys(BUCKET).len(), 3, "one for each round");
    assert!(!aws.notifications(BUCKET).contains("QueueConfiguration"));
}

/// Asserts that the previous versions serve after a failed deployment. A secret that does not exist passes the
/// check at synthesis, and no function starts with it.
fn keeps_serving_when_a_new_version_does_not_start(fixture: &Fixture, choices: &Choices) {
    let Fixture { aws, app, .. } = fixture;
    let (deployed, versions) = (inventory(aws), present::live_versions(aws));
    let missing = "arn:aws:secretsmanager:us-east-1:111122223333:secret:acme/missing-AbCdEf";
    let said = app.fail_to_deploy(&Choices {
        secret: missing.to_owned(),
        ..choices.clone()
    });
    assert!(said.contains("SelfCheck"), "{said}");
    assert_eq!(present::live_versions(aws), versions);
    assert_eq!(inventory(aws), deployed);
    fixture.carries("after-failure", stream::carries);
}

/// Asserts that only the mask key remains, without which no pseudonym could be looked up again.
fn left_behind(aws: &Emulator, before: &BTreeSet<String>) {
    let after = inventory(aws);
    assert!(
        after.is_superset(before),
        "{before:?} was there, then {after:?}"
    );
    let (keys, others): (Vec<_>, Vec<_>) = after
        .difference(before)
        .map(String::as_str)
        .partition(|left| left.starts_with("key "));
    assert_eq!((keys.len(), others), (1, vec!["secret sightline/mask-key"]));
    // AWS does not delete keys immediately.
    assert_eq!(keys_in(aws, "PendingDeletion").len(), 1);
}

/// The result of `look`, as soon as there is one.
fn until<T>(awaited: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + SOON;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{awaited}: not within {SOON:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reports the progress of the test. Written directly, because the test harness captures output until the end.
fn report(what: &str) {
    std::io::stderr()
        .write_all(format!("{what}\n").as_bytes())
        .ok();
}
