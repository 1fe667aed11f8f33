//! The calls to S3 that scenarios need.

use super::{Emulator, texts};

impl Emulator {
    /// Creates a bucket.
    ///
    /// # Panics
    /// If the emulator rejects a call.
    pub fn create_bucket(&self, bucket: &str) {
        self.s3("PUT", &format!("/{bucket}"));
    }

    /// The names of all buckets.
    ///
    /// # Panics
    /// If the emulator rejects a call.
    #[must_use]
    pub fn buckets(&self) -> Vec<String> {
        let list = String::from_utf8(self.s3("GET", "/")).expect("a listing is text");
        texts(&list, "Name")
    }

    /// Puts an object. Its key is written as in a URL.
    ///
    /// # Panics
    /// If the emulator rejects a call.
    pub fn put_object(&self, bucket: &str, key: &str, content: &[u8]) {
        self.s3_with("PUT", &format!("/{bucket}/{key}"), content);
    }

    /// The content of an object.
    ///
    /// # Panics
    /// If there is no such object.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Vec<u8> {
        self.s3("GET", &format!("/{bucket}/{key}"))
    }

    /// The keys in a bucket, a thousand at most.
    ///
    /// # Panics
    /// If there is no such bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let page = self.s3("GET", &format!("/{bucket}?list-type=2"));
        let page = String::from_utf8(page).expect("a listing is text");
        texts(&page, "Key")
    }

    /// Configures notifications about created objects from the bucket to the queue.
    ///
    /// # Panics
    /// If the emulator rejects a call.
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

    /// The notification configuration of a bucket in XML.
    ///
    /// # Panics
    /// If there is no such bucket.
    #[must_use]
    pub fn notifications(&self, bucket: &str) -> String {
        let response = self.s3("GET", &format!("/{bucket}?notification"));
        String::from_utf8(response).expect("XML")
    }
}
