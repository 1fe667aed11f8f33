//! S3 Batch Operations jobs: an archive, object by object.
//!
//! Amazon S3 user guide, "Invoking a Lambda function from Amazon S3 Batch Operations".

use serde::Serialize;
use serde_json::Value;

use crate::event::{UnknownEvent, version};
use crate::key::form_decoded;
use crate::task::Task;

/// The tasks of one invocation.
#[derive(Debug)]
pub struct BatchJob {
    schema_version: String,
    invocation_id: String,
    /// Ids and objects; an error if a task does not name its object.
    pub tasks: Vec<(String, Result<Task, UnknownEvent>)>,
}

/// The answer to an invocation of a job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    invocation_schema_version: String,
    treat_missing_keys_as: &'static str,
    invocation_id: String,
    results: Vec<TaskResult>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskResult {
    task_id: String,
    result_code: &'static str,
    result_string: String,
}

/// How one task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskEnd {
    Succeeded,
    TemporaryFailure,
    PermanentFailure,
}

impl BatchJob {
    pub(crate) fn parse(event: &Value) -> Result<Self, UnknownEvent> {
        let schema_version = event["invocationSchemaVersion"]
            .as_str()
            .unwrap_or_default();
        if !matches!(schema_version, "1.0" | "2.0") {
            return Err(UnknownEvent(
                "the invocationSchemaVersion of S3 Batch Operations is neither 1.0 nor 2.0",
            ));
        }
        let tasks = event["tasks"].as_array().ok_or(UnknownEvent(
            "the event of S3 Batch Operations has no tasks",
        ))?;
        let task = |task: &Value| {
            let id = task["taskId"].as_str().unwrap_or_default().to_owned();
            (id, object(task))
        };
        Ok(Self {
            schema_version: schema_version.to_owned(),
            invocation_id: event["invocationId"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            tasks: tasks.iter().map(task).collect(),
        })
    }

    pub(crate) fn answer(&self, ends: Vec<(TaskEnd, String)>) -> BatchAnswer {
        let results = self
            .tasks
            .iter()
            .zip(ends)
            .map(|((id, _), (end, text))| TaskResult {
                task_id: id.clone(),
                result_code: match end {
                    TaskEnd::Succeeded => "Succeeded",
                    TaskEnd::TemporaryFailure => "TemporaryFailure",
                    TaskEnd::PermanentFailure => "PermanentFailure",
                },
                result_string: text,
            });
        BatchAnswer {
            invocation_schema_version: self.schema_version.clone(),
            // A task without a result is not done.
            treat_missing_keys_as: "TemporaryFailure",
            invocation_id: self.invocation_id.clone(),
            results: results.collect(),
        }
    }
}

/// Schema 1.0 gives the bucket's ARN, 2.0 its name.
fn object(task: &Value) -> Result<Task, UnknownEvent> {
    let arn = task["s3BucketArn"]
        .as_str()
        .and_then(|arn| arn.rsplit(':').next());
    let bucket = task["s3Bucket"].as_str().or(arn);
    let bucket = bucket.ok_or(UnknownEvent("a task of S3 Batch Operations has no bucket"))?;
    let key = task["s3Key"].as_str().and_then(form_decoded);
    let key = key.ok_or(UnknownEvent(
        "a task of S3 Batch Operations has no key, or one that is not UTF-8",
    ))?;
    Ok(Task::new(bucket, key, version(&task["s3VersionId"])))
}
