//! Which format a file is of: the commands hand over its bytes, and its reader makes a deployment of them.
//!
//! A JSON file is passed over once for the names at its top, which takes no memory to speak of, whatever
//! its size; nothing is guessed from a file's name.

mod keys;
#[cfg(test)]
mod tests;
mod text;

use super::{Deployment, Format, Input, ReadError, demand, makers, perhaps};
use super::{
    cdk_out, cfn_change_set, cfn_template, pulumi_events, pulumi_preview, terraform_log, terraform_plan,
};

/// Reads a file of any format, in UTF-8 or UTF-16, with or without a byte order mark.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let bytes = text::unicode(input.bytes)?;
    let input = &Input {
        source: input.source,
        bytes: &bytes,
        beside: input.beside,
        region: input.region.clone(),
        parameters: input.parameters,
    };
    let mut deployment = match recognised(&bytes)? {
        Format::TerraformPlan => terraform_plan::read(input),
        Format::TerraformLog => terraform_log::read(input),
        Format::PulumiPreview => pulumi_preview::read(input),
        Format::PulumiEvents => pulumi_events::read(input),
        Format::CloudFormationTemplate => cfn_template::read(input),
        Format::CloudFormationChangeSet => cfn_change_set::read(input),
        Format::CdkOut => cdk_out::read(input),
    }?;
    deployment.uncounted.extend(makers::uncounted(&deployment.items));
    deployment.uncounted.extend(demand::remarks(&deployment.items));
    deployment.uncounted.extend(perhaps::remarks(&deployment.items));
    Ok(deployment)
}

/// The format of a file, by what stands in it.
pub fn recognise(input: &Input<'_>) -> Result<Format, ReadError> {
    recognised(&text::unicode(input.bytes)?)
}

fn recognised(bytes: &[u8]) -> Result<Format, ReadError> {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match begins {
        Some(b'{') => keys::recognise(bytes),
        _ => text::recognise(bytes),
    }
}
