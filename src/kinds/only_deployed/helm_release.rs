//! Helm releases and charts: nothing of AWS's, but checks look at them.
//!
//! CloudFormation has them by the CDK's custom resource and by the public extension `AWSQS::Kubernetes::Helm`:
//! <https://github.com/aws-quickstart/quickstart-helm-resource-provider>.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};

const NAME: &str = "helm-release";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["helm_release"],
            pulumi: &[
                "kubernetes:helm.sh/v3:Release",
                "kubernetes:helm.sh/v3:Chart",
                "kubernetes:helm.sh/v4:Chart",
            ],
            cloudformation: &["AWSQS::Kubernetes::Helm", "Custom::AWSCDK-EKS-HelmChart"],
            adopted: &[],
        },
        attributes: &[
            "chart",
            "name",
            "namespace",
            "repository",
            "set",
            "set_list",
            "value_yaml_files",
            "values",
            "version",
        ],
        aliases: &[alias("repo", "repository")],
        wrappers: &["repository_opts"],
        template: Spelling::of(&[alias("release", "name"), alias("value_yaml", "values")]),
        sizes: &[],
        uses: Uses::Nothing,
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Release,
        name: Naming::Free,
        tags: Tagging::ANY,
    },
};
