//! OpenID Connect providers.

use crate::error::{AwsError, AwsResult};
use crate::query::Params;
use crate::quotas::HOME;
use crate::quotas::table;
use crate::world::World;
use crate::xml::Xml;

use super::form::{already_exists, invalid, limit_exceeded, no_such_entity, required, tags, time};
use super::render;
use crate::stores::iam::{Iam, Provider};

fn not_found(arn: &str) -> AwsError {
    no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// The provider that `OpenIDConnectProviderArn` names.
fn provider<'a>(iam: &'a Iam, params: &Params) -> AwsResult<&'a Provider> {
    let arn = required(params, "OpenIDConnectProviderArn")?;
    iam.providers.get(arn).ok_or_else(|| not_found(arn))
}

/// The provider that `OpenIDConnectProviderArn` names, to be changed.
fn provider_to_change<'a>(iam: &'a mut Iam, params: &Params) -> AwsResult<&'a mut Provider> {
    let arn = required(params, "OpenIDConnectProviderArn")?;
    iam.providers.get_mut(arn).ok_or_else(|| not_found(arn))
}

pub(super) fn create_open_id_connect_provider(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let url = required(params, "Url")?;
    let Some(url) = url.strip_prefix("https://") else {
        return Err(invalid("Invalid Open ID Connect Provider URL"));
    };
    let tags = tags(params)?;
    let arn = format!("arn:aws:iam::{}:oidc-provider/{url}", world.account);
    if world.iam.providers.contains_key(&arn) {
        return Err(already_exists(format!("Provider with url https://{url} already exists.")));
    }
    let most = world.quotas.limit(HOME, table::PROVIDERS);
    if world.iam.providers.len() >= most {
        return Err(limit_exceeded("OpenIdConnectProvidersPerAccount", most));
    }
    let provider = Provider {
        arn: arn.clone(),
        url: url.to_owned(),
        clients: params.list("ClientIDList"),
        thumbprints: params.list("ThumbprintList"),
        created: world.clock.now(),
        tags,
    };
    let mut xml = Xml::new();
    xml.text("OpenIDConnectProviderArn", &arn);
    render::tags(&mut xml, &provider.tags);
    world.iam.providers.insert(arn, provider);
    Ok(xml)
}

/// The list is not paged and tells ARNs only:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html>.
pub(super) fn list_open_id_connect_providers(world: &mut World, _: &Params) -> AwsResult<Xml> {
    let mut xml = Xml::new();
    xml.node("OpenIDConnectProviderList", |xml| {
        for arn in world.iam.providers.keys() {
            xml.node("member", |xml| {
                xml.text("Arn", arn);
            });
        }
    });
    Ok(xml)
}

pub(super) fn get_open_id_connect_provider(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let provider = provider(&world.iam, params)?;
    let mut xml = Xml::new();
    xml.text("Url", &provider.url);
    render::strings(&mut xml, "ClientIDList", &provider.clients);
    render::strings(&mut xml, "ThumbprintList", &provider.thumbprints);
    xml.text("CreateDate", time(provider.created));
    render::tags(&mut xml, &provider.tags);
    Ok(xml)
}

/// Idempotent, as its page says:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html>.
pub(super) fn delete_open_id_connect_provider(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let arn = required(params, "OpenIDConnectProviderArn")?;
    world.iam.providers.remove(arn);
    Ok(Xml::new())
}

pub(super) fn tag_open_id_connect_provider(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let added = tags(params)?;
    provider_to_change(&mut world.iam, params)?.tags.extend(added);
    Ok(Xml::new())
}

pub(super) fn untag_open_id_connect_provider(world: &mut World, params: &Params) -> AwsResult<Xml> {
    let keys = params.list("TagKeys");
    provider_to_change(&mut world.iam, params)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Xml::new())
}

pub(super) fn list_open_id_connect_provider_tags(world: &mut World, params: &Params) -> AwsResult<Xml> {
    render::tag_page(&provider(&world.iam, params)?.tags, params)
}

#[cfg(test)]
mod tests {
    use crate::iam::testing::{accepted, account, refused};
    use crate::xml::text_of;

    #[test]
    fn a_provider_is_told_without_its_scheme_and_deleted_as_often_as_you_like() {
        let mut world = account();
        let url = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
        let told = accepted(
            &mut world,
            "CreateOpenIDConnectProvider",
            &[("Url", url), ("ClientIDList.member.1", "sts.amazonaws.com")],
        );
        let arn = text_of(&told, "OpenIDConnectProviderArn").unwrap();
        let named = [("OpenIDConnectProviderArn", arn.as_str())];
        let told = accepted(&mut world, "GetOpenIDConnectProvider", &named);
        assert_eq!(text_of(&told, "Url").as_deref(), url.strip_prefix("https://"));
        accepted(&mut world, "DeleteOpenIDConnectProvider", &named);
        accepted(&mut world, "DeleteOpenIDConnectProvider", &named);
        let why = format!("OpenIDConnect Provider not found for arn {arn}");
        refused(&mut world, "GetOpenIDConnectProvider", &named, (404, "NoSuchEntity", &why));
    }
}
