//! A load balancer with sticky sessions by cookie, like an AWS Application Load Balancer.
//!
//! Elastic Load Balancing, "Sticky sessions for your Application Load Balancer": the balancer
//! chooses a target for a request without a cookie, sets `AWSALB` and `AWSALBCORS`, and gives
//! both a new value in each response.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use hyper::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

pub(super) struct Backends {
    count: usize,
    /// Requests so far, which choose the target for the next one without a cookie.
    requests: AtomicUsize,
}

impl Backends {
    pub(super) fn new(count: usize) -> Self {
        Self {
            count: count.max(1),
            requests: AtomicUsize::new(0),
        }
    }

    /// The backend for a request with these headers.
    pub(super) fn of(&self, headers: &HeaderMap) -> usize {
        let next = self.requests.fetch_add(1, Relaxed) % self.count;
        let cookies = headers.get_all(COOKIE).iter();
        let named = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split("; "))
            .find_map(|pair| {
                pair.strip_prefix("AWSALB=")?
                    .split_once('.')?
                    .0
                    .parse()
                    .ok()
            });
        named
            .filter(|backend| *backend < self.count)
            .unwrap_or(next)
    }

    /// Sets the cookie for `backend` in a response.
    pub(super) fn stick(&self, backend: usize, headers: &mut HeaderMap) {
        if self.count == 1 {
            return;
        }
        let value = format!("{backend}.{}", self.requests.load(Relaxed));
        for cookie in [
            format!("AWSALB={value}; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/"),
            format!(
                "AWSALBCORS={value}; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/; SameSite=None; Secure"
            ),
        ] {
            let cookie = HeaderValue::try_from(cookie).expect("numbers and fixed text");
            headers.append(SET_COOKIE, cookie);
        }
    }
}
