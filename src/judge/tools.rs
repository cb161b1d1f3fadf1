//! The commands of the tools that wrote the states: from a state, and a thing that was being made when its run ended, to
//! the line by which the tool itself removes what it owns, or takes that thing over. The answers for things and stacks
//! tell them, since a tool that still knows its stack removes it better than we do.

use crate::model::{Ids, KindSpec, OwnedStatus, OwnedThing, Resource, StateClaims, StateTool, quoted};

/// Where Terraform keeps the states of its other workspaces
/// (<https://developer.hashicorp.com/terraform/language/state/workspaces>).
const WORKSPACES: &str = "terraform.tfstate.d";

/// How Terraform calls a state in the folder of its configuration.
const OF_FOLDER: &str = "terraform.tfstate";

/// The command by which a state's tool removes what it owns; `None` where the tool is unknown.
pub(super) fn destroy(state: &StateClaims) -> Option<String> {
    Some(match state.tool? {
        StateTool::Terraform => {
            let workspace = state.stack.as_ref().map(|name| format!("TF_WORKSPACE={} ", quoted(name)));
            let folder = folder(&state.source).map(|folder| format!(" -chdir={}", quoted(folder)));
            format!("{}terraform{} destroy", workspace.unwrap_or_default(), folder.unwrap_or_default())
        }
        StateTool::Pulumi => format!("pulumi destroy{}", of_stack(state)),
    })
}

/// The command by which Pulumi takes over a thing whose making it did not see the end of: the flag is given twice, with
/// the URN and with the id (<https://www.pulumi.com/docs/support/troubleshooting/common-issues/interrupted-updates/>).
/// Terraform writes down nothing of such a thing.
pub(super) fn take_over(
    state: &StateClaims,
    thing: &OwnedThing,
    it: &Resource,
    spec: &KindSpec,
) -> Option<String> {
    match (state.tool?, thing.status) {
        (StateTool::Pulumi, OwnedStatus::Pending) => {}
        (StateTool::Terraform, _)
        | (StateTool::Pulumi, OwnedStatus::Managed | OwnedStatus::Tainted | OwnedStatus::Deposed) => {
            return None;
        }
    }
    let flag = |value: &str| format!(" --import-pending-creates {}", quoted(value));
    Some(format!("pulumi refresh{}{}{}", of_stack(state), flag(&thing.address), flag(&id(it, spec))))
}

/// The command by which a state's tool takes over a thing that it does not know, under a name that its user chooses:
/// `NAME`. `None` where the tool or its type of the thing is unknown.
pub(super) fn import(state: &StateClaims, it: &Resource, spec: &KindSpec) -> Option<String> {
    let types = spec.deployed.types;
    Some(match state.tool? {
        StateTool::Terraform => {
            format!("terraform import {}.NAME {}", types.terraform.first()?, quoted(&id(it, spec)))
        }
        StateTool::Pulumi => {
            let named = of_stack(state);
            format!("pulumi import {} NAME {}{named}", types.pulumi.first()?, quoted(&id(it, spec)))
        }
    })
}

/// A thing's id as the providers take it: `cluster:name` where AWS writes two parts
/// (<https://www.pulumi.com/registry/packages/aws/api-docs/eks/nodegroup/#import>).
fn id(it: &Resource, spec: &KindSpec) -> String {
    match spec.ids {
        Ids::OfCluster => it.key.id.replacen('/', ":", 1),
        Ids::Prefix(_) | Ids::Name | Ids::Arn { .. } => it.key.id.to_string(),
    }
}

/// The flag that names a stack of Pulumi's. A state tells project and stack, and a name of two parts would be another
/// one's stack to Pulumi: it takes the project from the folder it runs in.
fn of_stack(state: &StateClaims) -> String {
    let name = state.stack.as_ref().and_then(|stack| stack.rsplit('/').next());
    name.map(|name| format!(" -s {}", quoted(name))).unwrap_or_default()
}

/// The folder of the configuration to which a state on this machine belongs, where its place tells that.
fn folder(source: &str) -> Option<&str> {
    if source.contains("://") {
        return None;
    }
    let within = source.strip_suffix(OF_FOLDER)?;
    let root = match within.trim_end_matches(['/', '\\']).rsplit_once(['/', '\\']) {
        Some((above, _)) if above == WORKSPACES => "",
        Some((above, _)) => above.strip_suffix(WORKSPACES).unwrap_or(within),
        None => within,
    };
    let root = root.trim_end_matches(['/', '\\']);
    (!root.is_empty()).then_some(root)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::inventory::testing::key;
    use crate::kinds::CATALOG;
    use crate::model::{KindName, Tags};

    fn state(source: &str, tool: StateTool, stack: Option<&str>) -> StateClaims {
        StateClaims {
            source: source.to_owned(),
            tool: Some(tool),
            stack: stack.map(str::to_owned),
            account: None,
            owned: Vec::new(),
            named: BTreeSet::new(),
            failed: false,
            unread: None,
        }
    }

    #[test]
    fn a_tool_is_called_where_its_configuration_is_and_for_the_stack_of_the_state() {
        use StateTool::{Pulumi, Terraform};
        for (source, tool, stack, command) in [
            ("terraform.tfstate", Terraform, None, "terraform destroy"),
            ("infra/terraform.tfstate", Terraform, None, "terraform -chdir=infra destroy"),
            (
                "my infra/terraform.tfstate.d/dev/terraform.tfstate",
                Terraform,
                Some("dev"),
                "TF_WORKSPACE=dev terraform -chdir='my infra' destroy",
            ),
            (
                "terraform.tfstate.d/dev/terraform.tfstate",
                Terraform,
                Some("dev"),
                "TF_WORKSPACE=dev terraform destroy",
            ),
            ("pulled/shop.tfstate", Terraform, None, "terraform destroy"),
            (
                "s3://b/env:/dev/terraform.tfstate",
                Terraform,
                Some("dev"),
                "TF_WORKSPACE=dev terraform destroy",
            ),
            ("dev.json", Pulumi, Some("shop/dev"), "pulumi destroy -s dev"),
            ("dev.json", Pulumi, None, "pulumi destroy"),
            ("dev.json", Pulumi, Some("shop/$(x)"), "pulumi destroy -s '$(x)'"),
        ] {
            assert_eq!(destroy(&state(source, tool, stack)).as_deref(), Some(command), "{source}");
        }
        assert_eq!(destroy(&StateClaims { tool: None, ..state("x", Pulumi, None) }), None);
    }

    #[test]
    fn what_was_being_made_is_taken_over_by_its_urn_and_the_id_that_it_got() {
        let state = state("dev.json", StateTool::Pulumi, Some("shop/dev"));
        let thing = |status| OwnedThing {
            address: "urn:pulumi:dev::shop::aws:eks/cluster:Cluster::main".to_owned(),
            type_name: "aws:eks/cluster:Cluster".to_owned(),
            kind: None,
            id: String::new(),
            also: BTreeSet::new(),
            region: None,
            status,
            tags: Tags::new(),
        };
        let group = Resource::new(key("eks-nodegroup", "main/nodes"));
        let spec = CATALOG.get(&KindName::of("eks-nodegroup")).expect("a kind");
        let told = take_over(&state, &thing(OwnedStatus::Pending), &group, spec).expect("a command");
        assert_eq!(
            told,
            "pulumi refresh -s dev --import-pending-creates urn:pulumi:dev::shop::aws:eks/cluster:Cluster::main \
             --import-pending-creates main:nodes"
        );
        assert_eq!(take_over(&state, &thing(OwnedStatus::Managed), &group, spec), None);
    }
}
