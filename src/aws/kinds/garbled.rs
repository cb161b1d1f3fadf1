//! Every kind against answers that are not AWS's: a proxy's page, half an answer, none at all.
//! What cannot be read is an error, never an empty account and never a success.

use super::{ALL, Kind};
use crate::aws::scripted::Script;
use crate::model::{Class, CloudError, ErrorClass, KindName, Link, Region, Resource, Scope};
use crate::session::CallMode;

const PAGE: &str = "<html><head><title>Error</title></head><body><h1>Sorry</h1></body></html>";

/// What comes instead of an answer, and how it is to be taken.
#[derive(Clone, Copy)]
struct Garbled {
    status: u16,
    body: &'static str,
    class: ErrorClass,
}

const fn garbled(status: u16, body: &'static str, class: ErrorClass) -> Garbled {
    Garbled { status, body, class }
}

const ANSWERS: &[Garbled] = &[
    garbled(500, PAGE, ErrorClass::Transient),
    garbled(502, "", ErrorClass::Transient),
    garbled(503, "{\"message\":\"busy\"}", ErrorClass::Transient),
    garbled(429, "", ErrorClass::Throttled),
    garbled(403, PAGE, ErrorClass::Denied),
    garbled(404, PAGE, ErrorClass::Unserved),
    garbled(200, PAGE, ErrorClass::Transient),
    garbled(200, "<DescribeVpcsResponse xmlns=\"http://ec2", ErrorClass::Transient),
    garbled(200, "{\"clusters\": [", ErrorClass::Transient),
    garbled(200, "", ErrorClass::Transient),
    garbled(0, "", ErrorClass::Transient),
];

/// A resource of this kind, with a link of each role that can be cut.
fn resource(kind: &dyn Kind) -> Resource {
    let spec = kind.spec();
    let region = match spec.scope {
        Scope::Regional => Region::new("us-east-1"),
        Scope::Global => Region::global(),
    };
    let id = spec.ids.form("one", "us-east-1", "1");
    let mut resource = Resource::new(crate::model::Key::new(spec.kind(), region, id));
    for rule in spec.links.iter().filter(|rule| rule.cut.is_some()) {
        let to = crate::model::Key::new(KindName::of(rule.to), Region::new("us-east-1"), "other");
        resource.links.insert(Link::via(rule.how, to, vec!["handle".to_owned()]));
    }
    resource
}

#[track_caller]
fn check(what: &str, error: &CloudError, answer: Garbled) {
    let Garbled { status, body, class } = answer;
    assert_eq!(error.class, class, "{what}: {status} {body:?}: {error}");
    assert!(error.api.contains(':'), "{what}: {error:?}");
}

#[tokio::test]
async fn what_is_no_answer_of_awss_is_an_error_of_every_listing_and_look() {
    for answer in ANSWERS.iter().copied() {
        for kind in ALL {
            let name = kind.spec().name;
            let aws = Script::always(answer.status, answer.body).aws(CallMode::Real);
            match kind.list(&aws).await {
                Err(error) => check(&format!("list {name}"), &error, answer),
                Ok(found) => panic!("list {name}: {} {:?} was read as {found:?}", answer.status, answer.body),
            }
            match kind.look(&aws, &[resource(*kind).key.id.to_string()]).await {
                Err(error) => check(&format!("look {name}"), &error, answer),
                Ok(found) => panic!("look {name}: {} {:?} was read as {found:?}", answer.status, answer.body),
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_answer_of_awss_is_no_success_of_a_change() {
    // Most changes answer nothing that has to be read: a success with an odd body is one.
    for answer in ANSWERS.iter().copied().filter(|answer| answer.status != 200) {
        for kind in ALL.iter().filter(|kind| kind.spec().class != Class::Witness) {
            let spec = kind.spec();
            let aws = Script::always(answer.status, answer.body).aws(CallMode::Real);
            let resource = resource(*kind);
            let deleted = kind.delete(&aws, std::slice::from_ref(&resource)).await;
            assert_eq!(deleted.len(), 1, "{}", spec.name);
            check(&format!("delete {}", spec.name), deleted[0].as_ref().unwrap_err(), answer);
            for link in &resource.links {
                let error = kind.cut(&aws, &resource, link).await.unwrap_err();
                check(&format!("cut {} {}", spec.name, link.how), &error, answer);
            }
        }
    }
}

#[tokio::test]
async fn what_is_only_read_is_never_changed_by_a_call() {
    for kind in ALL.iter().filter(|kind| kind.spec().class == Class::Witness) {
        let script = Script::default();
        let aws = script.aws(CallMode::Real);
        let resource = resource(*kind);
        let refused = kind.delete(&aws, std::slice::from_ref(&resource)).await;
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].as_ref().unwrap_err().class, ErrorClass::Refused, "{}", kind.spec().name);
        let link = Link::new("uses", resource.key.clone());
        assert_eq!(kind.cut(&aws, &resource, &link).await.unwrap_err().class, ErrorClass::Refused);
        assert!(script.requests().is_empty(), "{}", kind.spec().name);
    }
}
