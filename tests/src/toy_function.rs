//! A function that follows instructions in its event, to test the harness with the real Lambda runtime client.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if let Ok(code) = std::env::var("TOY_REFUSES") {
        eprintln!("the toy refuses to start");
        std::process::exit(code.parse()?);
    }
    run(service_fn(act)).await
}

async fn act(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let number = event.payload["number"].as_u64().unwrap_or_default();
    match event.payload["do"].as_str() {
        Some("answer") => Ok(json!({
            "id": event.context.request_id,
            "deadline": event.context.deadline,
            "home": std::env::var("HOME").ok(),
        })),
        Some("say") => {
            println!("said {number}");
            Ok(Value::Null)
        }
        Some("fail") => Err("as told".into()),
        Some("fill") => Ok("x".repeat(usize::try_from(number)?).into()),
        Some("sleep") => {
            tokio::time::sleep(Duration::from_millis(number)).await;
            Ok(Value::Null)
        }
        Some("exit") => {
            eprintln!("the toy leaves");
            std::process::exit(i32::try_from(number)?)
        }
        _ => Err("no such order".into()),
    }
}
