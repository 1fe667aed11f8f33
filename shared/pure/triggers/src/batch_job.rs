//! S3 Batch Operations jobs: an archive, object by object.
//!
//! Amazon S3 user guide, "Invoking a Lambda function from Amazon S3 Batch Operations".

use serde::Serialize;

use crate::json::JsonObject;
use crate::object_events::version;
use crate::object_key::form_decoded;
use crate::object_task::ObjectTask;
use crate::payload::{TriggerError, error};

/// The tasks of one invocation.
#[derive(Debug)]
pub struct BatchJob {
    schema_version: String,
    invocation_id: String,
    /// Ids and objects; an error if a task does not name its object.
    pub tasks: Vec<(String, Result<ObjectTask, TriggerError>)>,
}

/// The response to an invocation of a job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    invocation_schema_version: String,
    treat_missing_keys_as: TaskResult,
    invocation_id: String,
    results: Vec<ResultEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry {
    task_id: String,
    result_code: TaskResult,
    result_string: String,
}

/// How one task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TaskResult {
    /// The object is done.
    Succeeded,
    /// The job tries again.
    TemporaryFailure,
    /// The job reports the object as failed.
    PermanentFailure,
}

impl BatchJob {
    /// The tasks in the `event` of an invocation, or `None` if S3 Batch Operations did not send it.
    ///
    /// # Errors
    /// The event has another schema, or no tasks.
    pub fn parse(event: &str) -> Option<Result<Self, TriggerError>> {
        let event = JsonObject::parse(event)?;
        event.raw("invocationSchemaVersion")?;
        Some(Self::of(&event).map_err(error::<ObjectTask>))
    }

    fn of(event: &JsonObject<'_>) -> Result<Self, &'static str> {
        let string = |key| event.string(key).map(String::from).unwrap_or_default();
        let schema_version = string("invocationSchemaVersion");
        if !matches!(&*schema_version, "1.0" | "2.0") {
            return Err(
                "the invocationSchemaVersion of S3 Batch Operations is neither 1.0 nor 2.0",
            );
        }
        let tasks = event.array("tasks");
        let tasks = tasks.ok_or("the event of S3 Batch Operations has no tasks")?;
        let task = |task: &str| {
            let task = JsonObject::parse(task);
            let id = task.as_ref().and_then(|task| task.string("taskId"));
            let id = id.map(String::from).unwrap_or_default();
            (id, object(task.as_ref()).map_err(error::<ObjectTask>))
        };
        Ok(Self {
            schema_version,
            invocation_id: string("invocationId"),
            tasks: tasks.into_iter().map(task).collect(),
        })
    }

    /// The response with the result of each task and a text about it, in the order of the tasks.
    pub fn response(&self, results: Vec<(TaskResult, String)>) -> BatchResponse {
        let results = self.tasks.iter().zip(results);
        let results = results.map(|((id, _), (result_code, text))| ResultEntry {
            task_id: id.clone(),
            result_code,
            result_string: text,
        });
        BatchResponse {
            invocation_schema_version: self.schema_version.clone(),
            // A task without a result is not done.
            treat_missing_keys_as: TaskResult::TemporaryFailure,
            invocation_id: self.invocation_id.clone(),
            results: results.collect(),
        }
    }
}

/// Schema 1.0 gives the bucket's ARN, 2.0 its name.
fn object(task: Option<&JsonObject<'_>>) -> Result<ObjectTask, &'static str> {
    let task = task.ok_or("a task of S3 Batch Operations is not a JSON object")?;
    let bucket = task
        .string("s3Bucket")
        .or_else(|| task.string("s3BucketArn"));
    let bucket = bucket.ok_or("a task of S3 Batch Operations has no bucket")?;
    let bucket = bucket.rsplit(':').next().unwrap_or_default();
    let key = task.string("s3Key").and_then(|key| form_decoded(&key));
    let key = key.ok_or("a task of S3 Batch Operations has no key, or one that is not UTF-8")?;
    Ok(ObjectTask::new(bucket, key, version(task, "s3VersionId")))
}
