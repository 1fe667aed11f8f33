//! Tests of the harness itself.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scenarios::{Function, Outcome};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(20);
const RESPONSE_LIMIT: u64 = 6_291_556;

fn toy(environment: &[(&str, &str)]) -> Function {
    Function::start(Path::new(env!("CARGO_BIN_EXE_toy-function")), environment)
}

fn order(order: &str, number: u64) -> Vec<u8> {
    json!({ "do": order, "number": number })
        .to_string()
        .into_bytes()
}

#[test]
fn a_response_is_returned_and_the_process_serves_again() {
    let mut toy = toy(&[]);
    let before = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let first: Value =
        serde_json::from_slice(&toy.invoke(order("answer", 0), SOON).response()).unwrap();
    let second: Value =
        serde_json::from_slice(&toy.invoke(order("answer", 0), SOON).response()).unwrap();

    assert_ne!(first["id"], second["id"]);
    let left = u128::from(first["deadline"].as_u64().unwrap()) - before;
    assert!(
        (19_000..40_000).contains(&left),
        "absolute, in milliseconds: {left}"
    );
    assert_eq!(first["home"], Value::Null, "nothing is inherited");
}

#[test]
fn output_is_complete_once_the_function_is_idle() {
    let mut toy = toy(&[]);
    for number in 0..50 {
        toy.invoke(order("say", number), SOON).response();
        assert!(toy.output().contains(&format!("said {number}\n")));
    }
}

#[test]
fn an_error_is_reported() {
    let mut toy = toy(&[]);
    let error: Value = serde_json::from_slice(&toy.invoke(order("fail", 0), SOON).error()).unwrap();
    assert_eq!(error["errorMessage"], "as told");
    toy.invoke(order("answer", 0), SOON).response();
}

#[test]
fn a_response_above_the_limit_is_rejected() {
    // Two bytes are the quotes around the text.
    let mut toy = toy(&[]);
    let most = toy
        .invoke(order("fill", RESPONSE_LIMIT - 2), SOON)
        .response();
    assert_eq!(most.len() as u64, RESPONSE_LIMIT);
    let outcome = toy.invoke(order("fill", RESPONSE_LIMIT - 1), SOON);
    assert!(matches!(outcome, Outcome::TooLarge(size) if size as u64 == RESPONSE_LIMIT + 1));
}

#[test]
fn the_end_of_the_process_is_reported_with_its_code_and_output() {
    let outcome = toy(&[]).invoke(order("exit", 7), SOON);
    assert!(matches!(outcome, Outcome::Exited(Some(7), words) if words.contains("the toy leaves")));
}

#[test]
fn a_failed_start_is_reported_without_an_event() {
    let mut toy = toy(&[("TOY_REFUSES", "3")]);
    assert!(!toy.idle());
    assert!(toy.output().contains("refuses to start"));
    assert!(matches!(
        toy.invoke("{}", SOON),
        Outcome::Exited(Some(3), _)
    ));
}

#[test]
fn the_deadline_ends_the_process() {
    let mut toy = toy(&[]);
    let outcome = toy.invoke(order("sleep", 60_000), Duration::from_millis(300));
    assert!(matches!(outcome, Outcome::TimedOut(_)));
    assert!(!toy.idle());
}
