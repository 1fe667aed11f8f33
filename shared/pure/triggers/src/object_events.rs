//! Events about objects in S3.

use crate::json::JsonObject;
use crate::object_key::form_decoded;
use crate::object_task::ObjectTask;
use crate::payload::Payload;

impl Payload for ObjectTask {
    const ACCEPTED: &str = "S3 notifications (direct, or in SNS, SQS or both), Object Created events of EventBridge, \
         tasks of S3 Batch Operations (schema 1.0 or 2.0), and continuations with bucket, key and next_record";

    fn from_event(event: &str) -> Result<Option<Self>, &'static str> {
        const UNKNOWN: &str = "the form of the event is not known";
        let parsed = JsonObject::parse(event).ok_or(UNKNOWN)?;
        // Amazon S3 sends it when notifications are configured.
        if parsed.is("Event", "s3:TestEvent") {
            return Ok(None);
        }
        if parsed.is("source", "aws.s3") {
            return of_event_bridge(&parsed);
        }
        if parsed.raw("next_record").is_some() {
            let task = serde_json::from_str(event);
            return task.map_err(|_| "a continuation lacks bucket or key");
        }
        Err(UNKNOWN)
    }

    /// The object of a notification record.
    fn from_record(record: &str) -> Result<Option<Self>, &'static str> {
        const INCOMPLETE: &str = "a record of S3 has no bucket or key";
        let record = JsonObject::parse(record).filter(|record| record.is("eventSource", "aws:s3"));
        let record = record.ok_or("a record is from neither S3 nor SNS")?;
        let has = |key, start| {
            record
                .string(key)
                .is_some_and(|text| text.starts_with(start))
        };
        // Minor versions add fields; major versions may change those that are read here.
        if !has("eventVersion", "2.") {
            return Err("a record of S3 has an eventVersion that is not 2.x");
        }
        if !has("eventName", "ObjectCreated:") {
            return Ok(None);
        }
        let (bucket, object) = bucket_and_object(record.object("s3")).ok_or(INCOMPLETE)?;
        let key = object.string("key").ok_or(INCOMPLETE)?;
        let decoded = form_decoded(&key).ok_or("a key of S3 is not UTF-8")?;
        let version = version(&object, "versionId");
        Ok(Some(Self::new(&bucket, decoded, version)))
    }
}

/// EventBridge does not encode keys. In case it does, the decoded key is tried second.
fn of_event_bridge(event: &JsonObject<'_>) -> Result<Option<ObjectTask>, &'static str> {
    const INCOMPLETE: &str = "an event of EventBridge has no bucket or key";
    let detail_type = event.string("detail-type").unwrap_or_default();
    if detail_type != "Object Created" {
        // S3's other events are not about new objects. CloudTrail's events about S3 take another route.
        let is_of_s3 = detail_type.starts_with("Object ");
        return is_of_s3
            .then_some(None)
            .ok_or("the EventBridge event is not one of S3");
    }
    let (bucket, object) = bucket_and_object(event.object("detail")).ok_or(INCOMPLETE)?;
    let key = object.string("key").ok_or(INCOMPLETE)?;
    let mut task = ObjectTask::new(&bucket, key.to_string(), version(&object, "version-id"));
    task.other_key = form_decoded(&key).filter(|decoded| *decoded != key);
    Ok(Some(task))
}

/// The bucket's name and the member `object`.
fn bucket_and_object(parent: Option<JsonObject<'_>>) -> Option<(String, JsonObject<'_>)> {
    let parent = parent?;
    let bucket = parent.object("bucket")?.string("name")?;
    Some((bucket.into_owned(), parent.object("object")?))
}

/// The version in the member `key`; `None` for the objects of a bucket without versioning.
pub(crate) fn version(object: &JsonObject<'_>, key: &str) -> Option<String> {
    let version = object.string(key)?;
    let is_version = !version.is_empty() && version != "null";
    is_version.then(|| version.into_owned())
}
