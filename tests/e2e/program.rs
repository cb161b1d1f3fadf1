//! The program as a process, and the embedded AWS it speaks to.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_janitor_sandbox::{Call, Sandbox, World};
use serde_json::Value;

/// The account of the story.
pub const ACCOUNT: &str = "111122223333";

/// What selects the failed attempts and nothing else.
pub const ATTEMPTS: &str = "tag:Project=shop,tag:EnvironmentSuffix=attempt-*";

/// The attempt that the story builds through the SDK: its nodes run in a group that is ready, so that only its
/// owner can say that nobody wants it.
pub const ABANDONED: &str = "--abandoned=shop/attempt-1";

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub out: String,
    /// All else.
    pub err: String,
}

impl Ended {
    /// Fails the test with everything printed, unless the exit code is this one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The data as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }

    /// The last line of the data as JSON.
    #[track_caller]
    pub fn last_json(&self) -> Value {
        let line = self.out.lines().rfind(|line| !line.trim().is_empty()).expect("some output");
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}\n{line}"))
    }
}

/// An endpoint that the program and the SDK can speak to.
pub struct Endpoint {
    /// Where it listens.
    pub url: String,
    /// How much faster than AWS's its clock runs.
    pub speed: f64,
    home: PathBuf,
}

impl Endpoint {
    /// An endpoint at this address, with a folder of its own for journals.
    pub fn new(url: String, speed: f64) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let home =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("home-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        Self { url, speed, home }
    }

    /// A file in the endpoint's own folder.
    pub fn file(&self, name: &str) -> String {
        self.home.join(name).to_str().unwrap().to_owned()
    }

    /// The program with these arguments, not yet started.
    pub fn command(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_aws-janitor"));
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("XDG_STATE_HOME", self.home.join("state"))
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_JANITOR_CLOCK_SPEED", self.speed.to_string())
            // What a test makes, it made just now.
            .env("AWS_JANITOR_SETTLED", "0s")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs the program to its end.
    pub async fn run(&self, args: &[&str]) -> Ended {
        let output = self.command(args).output().await.unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The SDK's configuration for this endpoint.
    pub async fn sdk(&self) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&self.url)
            .region(Region::new("us-east-1"))
            .credentials_provider(aws_credential_types::Credentials::new(
                "AKIAEXAMPLE",
                "secret",
                None,
                None,
                "test",
            ))
            .load()
            .await
    }
}

/// Serves a world on loopback until the test ends.
pub async fn serve(world: World) -> (Sandbox, Endpoint) {
    let speed = world.clock.speed();
    let sandbox = Sandbox::new(world);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = sandbox.clone();
    tokio::spawn(async move {
        aws_janitor_sandbox::server::serve(served, listener, std::future::pending::<()>()).await
    });
    (sandbox, Endpoint::new(url, speed))
}

/// Codes by which AWS says that something else must go first.
const ORDER: &[&str] = &[
    "AuthFailure",
    "DeleteConflict",
    "DependencyViolation",
    "IncorrectState",
    "InvalidGroup.InUse",
    "InvalidIPAddress.InUse",
    "InvalidNetworkInterface.InUse",
    "InvalidParameterValue",
    "ResourceInUse",
    "ResourceInUseException",
    "VolumeInUse",
];

/// The calls that were refused because something else had to go first.
pub fn refused_for_order(calls: &[Call]) -> Vec<String> {
    let refused =
        |call: &&Call| call.mutating && call.refused.as_deref().is_some_and(|code| ORDER.contains(&code));
    calls
        .iter()
        .filter(refused)
        .map(|call| format!("{} {}: {:?}", call.action, call.target, call.refused))
        .collect()
}

/// Looks so often whether this holds, for some seconds. Whether it came to hold.
pub async fn until(every: Duration, holds: impl Fn() -> bool) -> bool {
    const PATIENCE: Duration = Duration::from_secs(12);
    let began = Instant::now();
    while !holds() {
        if began.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(every).await;
    }
    true
}

/// The calls that changed something.
pub fn mutating(calls: &[Call]) -> Vec<String> {
    calls.iter().filter(|call| call.mutating).map(|call| format!("{} {}", call.action, call.target)).collect()
}
