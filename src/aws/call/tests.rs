//! Listings whose pages do not end as they should: each is an error, never a shorter list.

use aws_sdk_ec2::operation::describe_vpcs::DescribeVpcsError;

use super::*;
use crate::aws::kinds;
use crate::aws::scripted::Script;
use crate::session::CallMode;

/// The code with which a listing of these pages ends, each page being the token of the next; `None` if it ends well.
async fn ends(next: impl Fn(Option<&str>) -> Option<String>) -> Result<usize, String> {
    let aws = Script::new([]).aws(CallMode::Real);
    let send = |token: Option<String>| {
        let page = next(token.as_deref());
        async move { SdkAnswer::<Option<String>, DescribeVpcsError>::Ok(page) }
    };
    let pages = aws.pages("ec2:DescribeVpcs", send, |page| page.as_deref()).await;
    pages.map(|pages| pages.len()).map_err(|error| error.code)
}

/// The page after that of this token, of so many.
fn one_of(count: usize, token: Option<&str>) -> Option<String> {
    let at = token.map_or(0, |token| token.parse().unwrap()) + 1;
    (at < count).then(|| at.to_string())
}

#[tokio::test]
async fn pages_are_read_to_the_last() {
    for count in [1, 2, 300] {
        assert_eq!(ends(|token| one_of(count, token)).await, Ok(count));
    }
}

#[tokio::test]
async fn a_page_that_comes_again_is_an_error_however_long_the_circle() {
    for length in [1, 2, 7] {
        let circle = |token: Option<&str>| {
            let at = token.map_or(0, |token| token.parse::<usize>().unwrap());
            Some(((at + 1) % length).to_string())
        };
        assert_eq!(ends(circle).await, Err("RepeatedPage".to_owned()), "{length}");
    }
}

#[tokio::test]
async fn pages_without_end_are_an_error() {
    let code = ends(|token| one_of(usize::MAX, token)).await;
    assert_eq!(code, Err("EndlessPages".to_owned()));
    assert_eq!(ends(|token| one_of(MOST_PAGES, token)).await, Ok(MOST_PAGES));
}

/// A page of IAM's.
fn iam(action: &str, more: &str) -> String {
    format!(
        r#"<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{action}Result>{more}
        </{action}Result></{action}Response>"#
    )
}

#[tokio::test]
async fn a_page_of_iam_that_is_cut_off_is_an_error() {
    for (kind, action) in [
        ("iam-role", "GetAccountAuthorizationDetails"),
        ("iam-policy", "GetAccountAuthorizationDetails"),
        ("iam-instance-profile", "ListInstanceProfiles"),
    ] {
        let lists = "<RoleDetailList/><Policies/><UserDetailList/><GroupDetailList/><InstanceProfiles/>";
        for more in ["<IsTruncated>true</IsTruncated>", "<IsTruncated>true</IsTruncated><Marker></Marker>"] {
            let page = iam(action, &format!("{lists}{more}"));
            let aws = Script::new([(200, page.as_str())]).aws(CallMode::Real);
            let failure = kinds::named(kind).unwrap().list(&aws).await.unwrap_err();
            assert_eq!(failure.code, "CutOffPage", "{kind}: {failure}");
        }
    }
}

#[tokio::test]
async fn a_page_of_iam_that_comes_again_is_an_error() {
    let page = iam(
        "GetAccountAuthorizationDetails",
        "<RoleDetailList/><IsTruncated>true</IsTruncated><Marker>one</Marker>",
    );
    let aws = Script::always(200, &page).aws(CallMode::Real);
    let failure = kinds::named("iam-role").unwrap().list(&aws).await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("RepeatedPage", "AWS repeated a page"));
}
