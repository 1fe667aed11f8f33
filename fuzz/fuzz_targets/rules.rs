//! Any text as a rule file and as own resources, and any record judged by what loads: nothing
//! panics.
#![no_main]

use detection::{ProtectedResources, RuleFile, Rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str, &str, &str)| {
    let (rule, own, name, record) = texts;
    let own = ProtectedResources::parse(own).ok();
    let file = RuleFile {
        name: "rule.yml".into(),
        text: rule.into(),
    };
    if let Ok(mut rules) = Rules::new(own.as_ref(), &[file]) {
        rules.evaluate("cloudtrail.amazonaws.com", name, false, record.as_bytes());
        rules.evaluate(
            "cloudtrail.amazonaws.com",
            "UpdateTrail",
            true,
            record.as_bytes(),
        );
    }
});
