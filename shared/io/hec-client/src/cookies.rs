//! Cookies of one request, for load balancers that are sticky by cookie.

use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};

/// Cookies kept for one request. A load balancer needs one or two.
const MAX_COOKIES: usize = 8;

/// The longest cookie that is kept, in bytes: what every client has to support (RFC 6265,
/// section 6.1). Longer ones are ignored.
const MAX_COOKIE_BYTES: usize = 4096;

/// The cookies that the replies to one request set, to be sent with the polls for its
/// acknowledgment: only the server that accepted the request knows its channel.
///
/// They are not shared between requests, which may be with different servers. Path, domain and
/// expiry are ignored: all polls go to the same host within minutes.
#[derive(Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Keeps what the reply with these headers sets. A cookie replaces one of the same name.
    pub(crate) fn store(&mut self, headers: &HeaderMap) {
        let cookies = headers.get_all(SET_COOKIE).iter().filter_map(parse);
        for (name, value) in cookies {
            self.0.retain(|(known, _)| known != name);
            if self.0.len() < MAX_COOKIES {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// The value of the `Cookie` header, if there are any.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<String> = pairs.collect();
        let mut value = HeaderValue::try_from(pairs.join("; ")).ok()?;
        value.set_sensitive(true);
        (!pairs.is_empty()).then_some(value)
    }
}

/// Name and value of a `Set-Cookie` header (RFC 6265, section 5.2).
fn parse(header: &HeaderValue) -> Option<(&str, &str)> {
    let header = header.to_str().ok()?;
    let pair = header.split(';').next()?;
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_usable = !name.is_empty() && name.len() + value.len() <= MAX_COOKIE_BYTES;
    is_usable.then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(replies: &[&[&str]]) -> Option<String> {
        let mut cookies = Cookies::default();
        for reply in replies {
            let mut headers = HeaderMap::new();
            for cookie in *reply {
                headers.append(SET_COOKIE, HeaderValue::from_str(cookie).unwrap());
            }
            cookies.store(&headers);
        }
        let header = cookies.header();
        header.map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn cookies_are_kept_without_their_attributes_and_replaced_by_name() {
        assert_eq!(after(&[&[]]), None);
        let first: &[&str] = &["AWSALB=a=b; Path=/; Secure", "AWSALBCORS = \"c\""];
        assert_eq!(after(&[first]).unwrap(), "AWSALB=a=b; AWSALBCORS=\"c\"");
        let next: &[&str] = &["AWSALB=d"];
        assert_eq!(after(&[first, next]).unwrap(), "AWSALBCORS=\"c\"; AWSALB=d");
        assert_eq!(after(&[&["=a", "a", "; a=b", " "]]), None);
    }

    #[test]
    fn cookies_are_bounded() {
        let long = format!("a={}", "x".repeat(MAX_COOKIE_BYTES));
        assert_eq!(after(&[&[&long]]), None);
        let many: Vec<String> = (0..100).map(|number| format!("c{number}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(after(&[&many]).unwrap().split("; ").count(), MAX_COOKIES);
    }

    proptest::proptest! {
        /// Whatever a server sets, the header that goes back is one line of name=value pairs.
        #[test]
        fn no_cookie_breaks_the_header(bytes in proptest::collection::vec(0x20_u8..=0xff, 0..60)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(SET_COOKIE, value);
            }
            let mut cookies = Cookies::default();
            cookies.store(&headers);
            if let Some(value) = cookies.header() {
                let text = value.to_str().unwrap();
                proptest::prop_assert!(text.contains('=') && !text.contains(';'));
                proptest::prop_assert!(value.is_sensitive());
            }
        }
    }
}
