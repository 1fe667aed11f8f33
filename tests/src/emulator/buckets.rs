//! S3 as far as scenarios need it.

use super::{Emulator, texts};

impl Emulator {
    /// Creates a bucket.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn create_bucket(&self, bucket: &str) {
        self.s3("PUT", &format!("/{bucket}"));
    }

    /// The names of all buckets.
    ///
    /// # Panics
    /// Where the emulator refuses.
    #[must_use]
    pub fn buckets(&self) -> Vec<String> {
        let list = String::from_utf8(self.s3("GET", "/")).expect("a listing is text");
        texts(&list, "Name")
    }

    /// Puts an object, whose key is spelled as a URL wants it.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn put_object(&self, bucket: &str, key: &str, content: &[u8]) {
        self.s3_with("PUT", &format!("/{bucket}/{key}"), content);
    }

    /// The content of an object.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Vec<u8> {
        self.s3("GET", &format!("/{bucket}/{key}"))
    }

    /// The keys in a bucket, a thousand at most.
    ///
    /// # Panics
    /// Where there is no such bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let page = self.s3("GET", &format!("/{bucket}?list-type=2"));
        let page = String::from_utf8(page).expect("a listing is text");
        texts(&page, "Key")
    }

    /// Has the bucket tell the queue of every object that is created.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn notify(&self, bucket: &str, queue: &str) {
        let arn = Self::queue_arn(queue);
        let configuration = format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{arn}</Queue><Event>s3:ObjectCreated:*</Event>\
             </QueueConfiguration></NotificationConfiguration>"
        );
        self.s3_with(
            "PUT",
            &format!("/{bucket}?notification"),
            configuration.as_bytes(),
        );
    }

    /// Whom a bucket tells of its objects, in XML.
    ///
    /// # Panics
    /// Where there is no such bucket.
    #[must_use]
    pub fn notifications(&self, bucket: &str) -> String {
        let answer = self.s3("GET", &format!("/{bucket}?notification"));
        String::from_utf8(answer).expect("XML")
    }
}
