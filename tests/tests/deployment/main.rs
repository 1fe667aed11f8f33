//! The CDK app with the functions as they are shipped, deployed into an emulator by `cdk deploy`: what is put in
//! arrives at a collector, masked, by every route; a second deployment changes what was asked for and no more;
//! and `cdk destroy` leaves nothing behind but the mask key.
//!
//! The emulator holds functions to the rights of their roles, and queues to their policies.
//!
//! What this does not prove, since the emulator has no such part: the trail that the app can make, CloudTrail's
//! own deliveries, and Firehose's reading of its configuration (buffering, transformation, delivery, backup; the
//! test does these in its place), CodeDeploy (aliases move at once), and the trigger and alarms of metrics. It
//! asks no key whether a role may use it, lets rules send to any queue, lets CloudWatch Logs invoke any function,
//! and carries no event from one Region to another. Alarms on expressions stand without them.

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

/// What is there before Sightline is, as `cdk/test/deployment.config.ts` names it.
const BUCKET: &str = "acme-trail";
const LOG_GROUP: &str = "acme/trail";

const TOKEN: &str = "t0ken";

/// Longest wait for an event to arrive.
const SOON: Duration = Duration::from_secs(60);

/// An account that CDK is bootstrapped in, with the parts of a trail, and a collector.
struct Fixture {
    // Ends before what it calls.
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

    /// Does by hand what `docs/deployment.md` asks of an operator after the first deployment.
    fn fill_token(&self) {
        let token = json!({ "hec_token": TOKEN }).to_string();
        self.aws.change_secret("sightline/hec-token", &token);
    }

    /// Every route carries what is its own, exactly once, and names nobody.
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
fn what_is_deployed_carries_every_route_and_goes_without_a_trace() {
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
    stream::opens_to_nobody_else(&fixture);
    stream::puts_back_what_does_not_fit(&fixture);

    let deployed = inventory(aws);
    let said = app.deploy(&firehose);
    assert!(said.contains("(no changes)"), "{said}");
    assert_eq!(inventory(aws), deployed);

    keeps_serving_when_a_new_version_does_not_start(&fixture, &firehose);
    present::nobody_is_logged(aws, &present::FIREHOSE);

    let direct = Choices::new("direct", 30);
    app.deploy(&direct);
    present::everything(aws, &present::DIRECT);
    assert_eq!(present::log_days(aws), 30);
    fixture.carries("direct", direct::carries);
    direct::delivers_later_what_is_refused(&fixture);
    present::nobody_is_logged(aws, &present::DIRECT);

    app.destroy(&direct);
    left_behind(aws, &before);
    // The trail's bucket keeps its files, and tells nobody of them.
    assert_eq!(aws.keys(BUCKET).len(), 3, "one for each round");
    assert!(!aws.notifications(BUCKET).contains("QueueConfiguration"));
}

/// A secret that does not exist passes the check at synthesis, and no function starts with it: the deployment
/// fails, and the versions from before it serve.
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

/// Asserts that nothing came to stay but the mask key, without which no pseudonym could be looked up again.
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
    // AWS deletes no key at once.
    assert_eq!(keys_in(aws, "PendingDeletion").len(), 1);
}

/// What `look` finds, as soon as it finds something.
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

/// Tells how far the test is, past the harness, which would keep it until the end.
fn tell(what: &str) {
    std::io::stderr()
        .write_all(format!("{what}\n").as_bytes())
        .ok();
}
