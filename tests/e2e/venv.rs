//! The Python environment that `make test` makes: it gives moto's server and boto3 to the tests that need them,
//! and fails those tests where it is not there.

use std::path::PathBuf;

/// Where `make test` put moto and boto3.
pub struct Venv {
    /// moto's server.
    pub server: PathBuf,
    /// A Python that has boto3.
    pub python: PathBuf,
}

impl Venv {
    /// Fails the test where they are not there: a test that did not run has held nothing.
    #[track_caller]
    pub fn found() -> Self {
        let todo = "run `make test`: it installs moto and boto3 in .venv and sets AWS_JANITOR_MOTO to the \
                    path of .venv/bin/moto_server";
        let server = std::env::var_os("AWS_JANITOR_MOTO").map(PathBuf::from);
        let server = server.unwrap_or_else(|| panic!("AWS_JANITOR_MOTO is not set; {todo}"));
        let python = server.with_file_name("python");
        for file in [&server, &python] {
            assert!(file.exists(), "{} is not there; {todo}", file.display());
        }
        Self { server, python }
    }

    /// Runs a script with boto3 against an endpoint and gives what it printed.
    pub async fn boto3(&self, script: &str, url: &str) -> String {
        let ended = tokio::process::Command::new(&self.python).args(["-c", script, url]).output().await;
        let output = ended.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
