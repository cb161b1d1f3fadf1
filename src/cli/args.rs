//! The flags that several commands share, as typed. What they mean, the command that is given them decides.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What to remove, and what must stay.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// What is meant to be removed: a comma-joined AND of tag:KEY=GLOB, tag:KEY, kind=, id=, name=, vpc=, cluster=, stack=; repeated means OR
    #[arg(long, value_name = "TERMS")]
    pub select: Vec<String>,
    /// What must stay; same grammar, and it always wins
    #[arg(long, value_name = "TERMS")]
    pub protect: Vec<String>,
    /// A file of guard rules in Cedar: what one of them forbids to delete stays; repeatable (needs the feature `cedar`)
    #[arg(long, value_name = "FILE")]
    pub guard: Vec<PathBuf>,
    /// Touch nothing younger than this: 90s, 45m, 2h, 3d, 1w
    #[arg(long, value_name = "AGE", allow_hyphen_values = true)]
    pub older_than: Option<String>,
    /// A policy file (TOML) that holds all of these; flags add to it
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The tag keys whose values together name a stack
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub stack_key: Vec<String>,
    /// A stack that nobody wants any more, although it lives or a state still knows it; its whole name, letter by letter; repeatable
    #[arg(long, value_name = "STACK")]
    pub abandoned: Vec<String>,
    /// A state of Terraform, OpenTofu or Pulumi, a folder of them or s3://BUCKET/PREFIX: what they own or name stays; repeatable
    #[arg(long, value_name = "PATH")]
    pub state: Vec<PathBuf>,
    /// Where it is kept what earlier scans saw, a file or s3://BUCKET/KEY: what was seen before is at least so old
    #[arg(long, value_name = "PATH")]
    pub memory: Option<String>,
    /// A tag key that an organisation's tools write onto everything, so that it does not say whose a thing is; repeatable
    #[arg(long, value_name = "KEY")]
    pub neutral_tag: Vec<String>,
    /// How long ago the youngest thing of a stack must have been made; 0s switches it off [default: 10m] [env: AWS_JANITOR_SETTLED]
    #[arg(long, value_name = "AGE", allow_hyphen_values = true)]
    pub settled: Option<String>,
    /// Look for users of roles, profiles and providers only in these regions beside those of the scan [default: every enabled one]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub assume_regions: Vec<String>,
    /// A service that the endpoint does not know at all, such as eks on an emulator: its kinds count as empty; repeatable
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    pub without_service: Vec<String>,
    /// Living stacks that were selected are expected: sparing them is no failure
    #[arg(long)]
    pub spare_living: bool,
    /// Revoke rules of security groups that stay, where all that they name goes
    #[arg(long)]
    pub revoke_in_kept_groups: bool,
    /// Kinds holding data that may be deleted too
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub with_data: Vec<String>,
}

/// How to reach AWS.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// The profile of the shared AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// A region to look into, or `all` enabled ones; repeatable [default: the profile's]
    #[arg(long, value_name = "REGION")]
    pub region: Vec<String>,
    /// Another endpoint than AWS's: the sandbox, an emulator [env: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The endpoint's clock runs so many times faster than AWS's [env: AWS_JANITOR_CLOCK_SPEED]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub clock_speed: Option<String>,
    /// The account this is for: any other is refused
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
}

/// The form of the data on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Grouped by stack, for people
    #[default]
    Table,
    /// Stack, VPC, subnet and what is in them
    Tree,
    /// One document with a schema
    Json,
    /// One line per resource or step
    Jsonl,
    /// For spreadsheets
    Csv,
    /// For pull requests
    Markdown,
}

/// The form of the data.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct OutputArgs {
    /// The form of the data on stdout
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Format,
}

/// Whether a command tells by its exit code that there is something to do.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ExitArgs {
    /// End with 2 when there is something to delete
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to show that something is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProgressChoice {
    /// A bar on a terminal, else a line every 30 seconds
    #[default]
    Auto,
    /// A bar
    Bar,
    /// A line every 30 seconds
    Plain,
    /// Not at all
    None,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageArgs {
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: ColorChoice,
    /// How to show that something is going on (stderr)
    #[arg(long, value_name = "HOW", value_enum, default_value_t, global = true)]
    pub progress: ProgressChoice,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Tell everything, with every reason; -vv logs to stderr too, -vvv every call
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// The form of the log
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, global = true)]
    pub log_format: LogFormat,
}
