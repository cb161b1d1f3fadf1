//! `graph`: looks at the account and gives the resources and their links to one of the pictures of `report`.

use clap::{Args, ValueEnum};

use super::args::{AwsArgs, SelectionArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::scan::stack_named;
use super::shell::Shell;
use super::survey::{self, InventoryArgs};
use crate::policy::Policy;
use crate::report::graph::Drawing;
use crate::report::{graph, graph_dot, graph_mermaid, graph_svg};
use crate::session::Backend;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// GitHub and GitLab draw it in issues and pull requests: a box for each stack
    Mermaid,
    /// For Graphviz
    Dot,
    /// A picture that any browser shows
    Svg,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor graph --format mermaid --select tag:Project=shop
  aws-janitor graph --format mermaid --stack shop/attempt-1
  aws-janitor graph --format svg --focus vpc-0123456789abcdef0 > vpc.svg
  aws-janitor graph --format dot --inventory scan.json | dot -Tpng -o leftovers.png")]
pub(super) struct GraphArgs {
    /// The form of the picture
    #[arg(long, value_enum)]
    format: GraphFormat,
    /// Only this resource and what is near it: an id, an ARN or a name
    #[arg(long, value_name = "ID", conflicts_with = "stack")]
    focus: Option<String>,
    /// How many links away from it
    #[arg(long, value_name = "N", default_value_t = 2, requires = "focus", value_parser = clap::value_parser!(u8).range(1..=20))]
    depth: u8,
    /// Every thing of this stack, and the stacks that it is linked to as one box each
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    saved: InventoryArgs,
}

pub(super) async fn run(args: &GraphArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let policy = survey::policy(shell, &args.selection, &args.aws, Policy::default())?.into_whole();
    let saved = args.saved.inventory.as_deref();
    let (survey, _) = survey::survey(shell, backend, &args.aws, saved, policy).await?;
    let focus = args.focus.as_deref().map(|id| super::explain::find(&survey, id)).transpose()?;
    let file = core::plan(&survey)?;
    let stack = args.stack.as_deref().map(|name| stack_named(&survey, name)).transpose()?;
    let drawing = match (&focus, stack, args.format) {
        (Some(key), _, _) => Drawing::Near(key, usize::from(args.depth)),
        (None, Some(stack), _) => Drawing::Stack(stack),
        // It is read within an issue or a pull request, where a hundred boxes tell nothing.
        (None, None, GraphFormat::Mermaid) => Drawing::Stacks,
        (None, None, GraphFormat::Dot | GraphFormat::Svg) => Drawing::Things,
    };
    let picture = graph::picture(&survey.view(), &file, drawing);
    shell.data(&match args.format {
        GraphFormat::Mermaid => graph_mermaid::text(&picture),
        GraphFormat::Dot => graph_dot::text(&picture),
        GraphFormat::Svg => graph_svg::text(&picture),
    })?;
    Ok(Exit::Done)
}
