//! A service that has started, or that waits for its secrets.

use anyhow::{Result, anyhow};
use hec_client::EmptySecrets;
use tracing::warn;

/// A service and how to start it.
pub(crate) struct Startup<S, F> {
    start: F,
    function: String,
    state: State<S>,
}

enum State<S> {
    Started(S),
    /// Settings name secrets that have no value yet.
    WaitingForSecrets(EmptySecrets),
}

impl<S, F: AsyncFn(String) -> Result<S>> Startup<S, F> {
    /// The outcome of the first start.
    ///
    /// # Errors
    /// The service cannot start, for another reason than an empty secret.
    pub(crate) async fn begin(start: F, function: String) -> Result<Self> {
        let state = attempt(&start, &function).await?;
        Ok(Self {
            start,
            function,
            state,
        })
    }

    /// The service, started now if its secrets have been filled since.
    ///
    /// # Errors
    /// The service cannot start.
    pub(crate) async fn service(&mut self) -> Result<&mut S> {
        self.retry().await?;
        match &mut self.state {
            State::Started(service) => Ok(service),
            State::WaitingForSecrets(empty) => Err(anyhow!("not started: {empty}")),
        }
    }

    /// What keeps the service from starting although the function can be deployed: one message for
    /// each empty secret.
    ///
    /// # Errors
    /// The service cannot start, for another reason than an empty secret.
    pub(crate) async fn warnings(&mut self) -> Result<Vec<String>> {
        self.retry().await?;
        Ok(match &self.state {
            State::Started(_) => Vec::new(),
            State::WaitingForSecrets(empty) => empty.messages().to_vec(),
        })
    }

    /// Starts the service again if it has not started. Another problem that shows up then is
    /// reported and leaves the state as it is, so that a corrected secret is enough to recover.
    async fn retry(&mut self) -> Result<()> {
        if let State::WaitingForSecrets(_) = self.state {
            self.state = attempt(&self.start, &self.function).await?;
        }
        Ok(())
    }
}

async fn attempt<S>(start: &impl AsyncFn(String) -> Result<S>, function: &str) -> Result<State<S>> {
    match start(function.to_owned()).await {
        Ok(service) => Ok(State::Started(service)),
        Err(error) => {
            let empty: EmptySecrets = error.downcast()?;
            warn!(secrets = %empty, "not started: every invocation but the self-check fails until the secrets have values");
            Ok(State::WaitingForSecrets(empty))
        }
    }
}
