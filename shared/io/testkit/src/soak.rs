//! Runs with seeds, their number, and the seed of a failed one.
//!
//! | variable | meaning |
//! |---|---|
//! | `SIGHTLINE_SOAK_RUNS` | number of runs; a test has its own default |
//! | `SIGHTLINE_SOAK_SEED` | seed of the first run, 1 if unset |

use std::env;

/// One run. If a panic ends it, its seed is printed with the variables that repeat it.
#[derive(Debug)]
pub struct Run {
    seed: u64,
}

impl Run {
    /// The seed of this run.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seed = self.seed;
            eprintln!(
                "failed with seed {seed}; to repeat it: SIGHTLINE_SOAK_RUNS=1 SIGHTLINE_SOAK_SEED={seed}"
            );
        }
    }
}

/// The runs that the environment requests, or 10, with consecutive seeds.
///
/// # Panics
/// A variable is set to something other than a number.
pub fn runs() -> impl Iterator<Item = Run> {
    runs_or(10)
}

/// The runs that the environment requests, or `default` ones, with consecutive seeds.
///
/// # Panics
/// A variable is set to something other than a number.
pub fn runs_or(default: u64) -> impl Iterator<Item = Run> {
    let first = number("SIGHTLINE_SOAK_SEED", 1);
    let count = number("SIGHTLINE_SOAK_RUNS", default);
    (0..count).map(move |number| Run {
        seed: first.wrapping_add(number),
    })
}

fn number(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name}: '{value}' is not a number")),
        Err(_) => default,
    }
}
