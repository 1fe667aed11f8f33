//! A collector on this machine, and a folder with token, mask key and stored objects.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::collector::{Collector, CollectorOptions};

const MASK_KEY: &str = r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;

pub(crate) struct Fixture {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) collector: Collector,
    pub(crate) folder: TempDir,
}

pub(crate) fn record(id: &str) -> String {
    json!({"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":id,"userIdentity":{"type":"IAMUser","userName":"asha.rao"}}).to_string()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(CollectorOptions::new("t0ken"))
    }

    pub(crate) fn with(options: CollectorOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let collector = runtime.block_on(Collector::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), "t0ken").unwrap();
        fs::write(folder.path().join("key"), MASK_KEY).unwrap();
        fs::create_dir(folder.path().join("kept")).unwrap();
        Self {
            runtime,
            collector,
            folder,
        }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The program, configured to deliver to the collector.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sightline"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        command
            .env("HEC_URL", self.collector.url())
            .env("MASK_MODE", "hmac");
        command.arg("--token-file").arg(self.path("token"));
        command.arg("--mask-key-file").arg(self.path("key"));
        command
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let _entered = self.runtime.enter();
        let id = |event: &Vec<u8>| {
            let event: Value = serde_json::from_slice(event).unwrap();
            assert!(!event.to_string().contains("asha.rao"));
            event["event"]["eventID"].as_str().map(str::to_owned)
        };
        let mut ids: Vec<String> = self.collector.events().iter().filter_map(id).collect();
        ids.sort();
        ids
    }

    pub(crate) fn kept(&self) -> Vec<std::path::PathBuf> {
        fn collect(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, all);
                } else {
                    all.push(path);
                }
            }
        }
        let mut all = Vec::new();
        collect(&self.path("kept"), &mut all);
        all
    }
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
