//! `sightline`: the record pipeline on the command line.

mod arguments;
mod check;
mod closed_pipe;
mod demo;
mod input;
mod interrupt;
mod replay;
mod rules;
mod send;
mod sender;
mod settings_source;
mod token;
mod transform;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Transform(arguments) => transform::run(&arguments),
        Command::Send(arguments) => send::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) if closed_pipe::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sightline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
