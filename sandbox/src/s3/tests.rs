//! The laws of buckets and objects, over the wire as clients speak.

use crate::ec2::lab::REGION;
use crate::faults::Damage;
use crate::protocol::Response;
use crate::xml::{text_of, texts_of};
use crate::{Request, SimClock, World, wire};

fn world() -> World {
    let clock = SimClock::new("2026-11-21T12:00:00Z".parse().unwrap(), 0.0);
    let mut world = World::new("111122223333", clock);
    let objects: &[(&str, &[u8])] = &[
        ("a.tfstate", b"{\"version\":4}"),
        ("env:/prod/a.tfstate", b"prod"),
        ("env:/qa/a b.tfstate", b"qa"),
    ];
    super::seed(&mut world, REGION, "shop-states", objects);
    super::seed(&mut world, "eu-west-1", "shop-states-eu", &[]);
    world
}

/// A request in a region, to a path with a query, with more headers and a body.
fn send(
    world: &mut World,
    (method, region): (&str, &str),
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Response {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/{region}/s3/aws4_request, SignedHeaders=host");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut all = vec![("authorization".to_owned(), scope)];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let request = Request {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers: all,
        body: body.to_vec(),
    };
    wire::answer(world, &request).0
}

fn ask(world: &mut World, method: &str, target: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let response = send(world, (method, REGION), target, headers, b"");
    (response.status, String::from_utf8(response.body).unwrap())
}

fn put(world: &mut World, target: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
    let response = send(world, ("PUT", REGION), target, headers, body);
    let body = String::from_utf8(response.body.clone()).unwrap();
    (response.status, text_of(&body, "Code").or(response.header("etag").map(str::to_owned)).unwrap_or(body))
}

#[test]
fn what_was_written_is_read_and_listed_at_once() {
    let mut world = world();
    let (status, etag) =
        put(&mut world, "/shop-states/new/x?x-id=PutObject", &[("x-amz-meta-who", "me")], b"one");
    assert_eq!(status, 200);
    let read = send(&mut world, ("GET", REGION), "/shop-states/new/x?x-id=GetObject", &[], b"");
    assert_eq!((read.status, read.body.as_slice()), (200, b"one".as_slice()));
    assert_eq!((read.header("etag"), read.header("x-amz-meta-who")), (Some(etag.as_str()), Some("me")));
    let (_, list) = ask(&mut world, "GET", "/shop-states?list-type=2&prefix=new/", &[]);
    assert_eq!(texts_of(&list, "Key"), ["new/x"]);
    assert_eq!(texts_of(&list, "ETag"), std::slice::from_ref(&etag));
    assert_ne!(put(&mut world, "/shop-states/new/x", &[], b"two").1, etag);
    let head = send(&mut world, ("HEAD", REGION), "/shop-states/new/x", &[], b"");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("3"), 0));
    assert_eq!(ask(&mut world, "DELETE", "/shop-states/new/x", &[]).0, 204);
    assert_eq!(ask(&mut world, "DELETE", "/shop-states/new/x", &[]).0, 204);
    let (status, body) = ask(&mut world, "GET", "/shop-states/new/x", &[]);
    assert_eq!((status, text_of(&body, "Code").as_deref()), (404, Some("NoSuchKey")));
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
#[test]
fn a_write_holds_to_its_condition() {
    let mut world = world();
    let once = [("if-none-match", "*")];
    let (status, etag) = put(&mut world, "/shop-states/a.lock", &once, b"mine");
    assert_eq!(status, 200);
    let refusal = (412, "PreconditionFailed".to_owned());
    assert_eq!(put(&mut world, "/shop-states/a.lock", &once, b"theirs"), refusal);
    assert_eq!(put(&mut world, "/shop-states/a.lock", &[("if-match", "\"0\"")], b"theirs"), refusal);
    let missing = (404, "NoSuchKey".to_owned());
    assert_eq!(put(&mut world, "/shop-states/none", &[("if-match", "\"0\"")], b"x"), missing);
    assert_eq!(world.s3.buckets["shop-states"].objects["a.lock"].body, b"mine");
    let (status, second) = put(&mut world, "/shop-states/a.lock", &[("if-match", &etag)], b"still mine");
    assert_eq!(status, 200);
    assert_eq!(ask(&mut world, "DELETE", "/shop-states/a.lock", &[("if-match", &etag)]).0, 412);
    assert_eq!(ask(&mut world, "DELETE", "/shop-states/a.lock", &[("if-match", &second)]).0, 204);
    assert_eq!(ask(&mut world, "GET", "/shop-states/a.tfstate", &[("if-none-match", "*")]).0, 304);
}

#[test]
fn a_chunked_body_is_taken_out_and_has_to_be_whole() {
    let mut world = world();
    let headers = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    assert_eq!(put(&mut world, "/shop-states/k", &headers, body).0, 200);
    assert_eq!(world.s3.buckets["shop-states"].objects["k"].body, b"123456789");
    let wrong = b"9\r\n123456780\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    assert_eq!(put(&mut world, "/shop-states/k", &headers, wrong), (400, "BadDigest".to_owned()));
    // A door that lost the body does not write an empty object.
    assert_eq!(put(&mut world, "/shop-states/k", &headers, b""), (400, "IncompleteBody".to_owned()));
    assert_eq!(world.s3.buckets["shop-states"].objects["k"].body, b"123456789");
}

#[test]
fn a_part_is_read_by_its_range() {
    let mut world = world();
    put(&mut world, "/shop-states/digits", &[], b"0123456789");
    for (range, status, part) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=7-", 206, "789"),
        ("bytes=-2", 206, "89"),
        ("bytes=8-100", 206, "89"),
        ("bytes=4-2", 200, "0123456789"),
        ("lines=1-2", 200, "0123456789"),
    ] {
        assert_eq!(
            ask(&mut world, "GET", "/shop-states/digits", &[("range", range)]),
            (status, part.to_owned())
        );
    }
    assert_eq!(ask(&mut world, "GET", "/shop-states/digits", &[("range", "bytes=10-")]).0, 416);
}

#[test]
fn a_list_comes_in_pages_by_prefix_and_delimiter() {
    let mut world = world();
    let (_, list) = ask(&mut world, "GET", "/shop-states?list-type=2&delimiter=%2F&prefix=env%3A%2F", &[]);
    assert_eq!(texts_of(&list, "Prefix"), ["env:/", "env:/prod/", "env:/qa/"]);
    assert!(texts_of(&list, "Key").is_empty());
    let (_, list) = ask(&mut world, "GET", "/shop-states?list-type=2&encoding-type=url", &[]);
    assert_eq!(texts_of(&list, "Key"), ["a.tfstate", "env%3A/prod/a.tfstate", "env%3A/qa/a+b.tfstate"]);
    let mut keys = Vec::new();
    let mut more = String::new();
    loop {
        let (_, page) = ask(&mut world, "GET", &format!("/shop-states?list-type=2&max-keys=1{more}"), &[]);
        keys.extend(texts_of(&page, "Key"));
        match text_of(&page, "NextContinuationToken") {
            Some(token) => more = format!("&continuation-token={token}"),
            None => break,
        }
    }
    assert_eq!(keys, ["a.tfstate", "env:/prod/a.tfstate", "env:/qa/a b.tfstate"]);
    assert_eq!(ask(&mut world, "GET", "/shop-states?list-type=2&continuation-token=zz", &[]).0, 400);
}

#[test]
fn a_bucket_of_another_region_tells_where_it_is() {
    let mut world = world();
    let virtual_host = [("host", "shop-states-eu.s3.us-east-1.amazonaws.com")];
    let at = |world: &mut World, region: &str, method: &str, target: &str, headers: &[(&str, &str)]| {
        let response = send(world, (method, region), target, headers, b"");
        let region = response.header("x-amz-bucket-region").map(str::to_owned);
        let body = String::from_utf8(response.body).unwrap();
        (response.status, text_of(&body, "Code"), region)
    };
    let here = Some("eu-west-1".to_owned());
    let moved = (301, Some("PermanentRedirect".to_owned()), here.clone());
    assert_eq!(at(&mut world, REGION, "GET", "/shop-states-eu?list-type=2", &[]), moved);
    assert_eq!(at(&mut world, "us-west-2", "GET", "/shop-states-eu/k", &[]), moved);
    assert_eq!(at(&mut world, REGION, "HEAD", "/shop-states-eu", &[]), (301, None, here.clone()));
    let wrong = (400, Some("AuthorizationHeaderMalformed".to_owned()), here.clone());
    assert_eq!(at(&mut world, REGION, "GET", "/?list-type=2", &virtual_host), wrong);
    assert_eq!(at(&mut world, REGION, "GET", "/?location", &virtual_host), wrong);
    assert_eq!(at(&mut world, "eu-west-1", "HEAD", "/shop-states-eu", &[]), (200, None, here));
    let (_, told) = ask(&mut world, "GET", "/shop-states-eu?location", &[]);
    assert!(told.contains("2006-03-01/\">eu-west-1</LocationConstraint>"), "{told}");
    let (_, told) = ask(&mut world, "GET", "/shop-states?location", &[]);
    assert!(told.ends_with("2006-03-01/\"></LocationConstraint>"), "{told}");
}

#[test]
fn buckets_are_made_once_listed_everywhere_and_deleted_empty() {
    let mut world = world();
    assert_eq!(put(&mut world, "/Shop", &[], b"").1, "InvalidBucketName");
    assert_eq!(put(&mut world, "/shop-new", &[], b"").0, 200);
    assert_eq!(put(&mut world, "/shop-new", &[], b"").0, 200);
    assert_eq!(put(&mut world, "/shop-states-eu", &[], b"").1, "BucketAlreadyOwnedByYou");
    let eu = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(put(&mut world, "/shop-eu-2", &[], eu).1, "IllegalLocationConstraintException");
    assert_eq!(send(&mut world, ("PUT", "eu-west-1"), "/shop-eu-2", &[], eu).status, 200);
    let (_, list) = ask(&mut world, "GET", "/?x-id=ListBuckets", &[]);
    assert_eq!(texts_of(&list, "Name"), ["shop-eu-2", "shop-new", "shop-states", "shop-states-eu"]);
    assert_eq!(ask(&mut world, "DELETE", "/shop-new", &[]).0, 204);
    let (status, body) = ask(&mut world, "DELETE", "/shop-states", &[]);
    assert_eq!((status, text_of(&body, "Code").as_deref()), (409, Some("BucketNotEmpty")));
    let (status, body) = ask(&mut world, "GET", "/shop-none/k", &[]);
    assert_eq!((status, text_of(&body, "Code").as_deref()), (404, Some("NoSuchBucket")));
    assert_eq!(ask(&mut world, "HEAD", "/shop-none", &[]), (404, String::new()));
}

#[test]
fn permissions_are_named_as_iam_names_them() {
    let mut world = world();
    world.faults.denied.insert("s3:ListBucket".to_owned());
    for (method, target) in
        [("GET", "/shop-states?list-type=2"), ("HEAD", "/shop-states"), ("GET", "/shop-states/none")]
    {
        assert_eq!(ask(&mut world, method, target, &[]).0, 403, "{target}");
    }
    assert_eq!(ask(&mut world, "GET", "/shop-states/a.tfstate", &[]).0, 200);
    assert_eq!(world.calls[0].iam_action(), "s3:ListBucket");
    assert!(world.calls.iter().all(|call| !call.mutating));
    put(&mut world, "/shop-states/k", &[], b"x");
    let last = world.calls.last().unwrap();
    assert!(last.mutating && last.target == "shop-states,k", "{last:?}");
    // What happens to objects is not in the trail.
    assert!(world.trail.events.is_empty());
}

#[test]
fn what_goes_wrong_is_said_as_s3_says_it() {
    let mut world = world();
    let code = |world: &mut World| {
        let (status, body) = ask(world, "GET", "/shop-states?list-type=2", &[]);
        (status, text_of(&body, "Code").unwrap_or_default())
    };
    world.faults.failing_share = 1.0;
    assert_eq!(code(&mut world), (500, "InternalError".to_owned()));
    world.faults.failing_share = 0.0;
    world.faults.disabled_regions.insert(REGION.to_owned());
    assert_eq!(code(&mut world), (403, "InvalidAccessKeyId".to_owned()));
    world.faults.disabled_regions.clear();
    world.faults.throttle = true;
    for _ in 0..5500 {
        assert_eq!(code(&mut world).0, 200);
    }
    assert_eq!(code(&mut world), (503, "SlowDown".to_owned()));
}

#[test]
fn a_damaged_list_leaves_out_what_is_there() {
    let mut world = world();
    world.faults.listings.insert("s3:ListBucket".to_owned(), Damage::LeavesOut("a.tfstate".to_owned()));
    let (_, list) = ask(&mut world, "GET", "/shop-states?list-type=2", &[]);
    assert_eq!(texts_of(&list, "Key"), ["env:/prod/a.tfstate", "env:/qa/a b.tfstate"]);
    assert_eq!(ask(&mut world, "GET", "/shop-states/a.tfstate", &[]).0, 200);
    world.faults.listings.insert("s3:ListBucket".to_owned(), Damage::RepeatsToken);
    let (_, list) = ask(&mut world, "GET", "/shop-states?list-type=2", &[]);
    assert!(text_of(&list, "NextContinuationToken").is_some());
    world.faults.listings.insert("s3:ListBucket".to_owned(), Damage::Empty);
    let (_, list) = ask(&mut world, "GET", "/shop-states?list-type=2", &[]);
    assert!(texts_of(&list, "Key").is_empty());
}

#[test]
fn what_is_not_modelled_is_not_implemented() {
    let mut world = world();
    let (status, body) = ask(&mut world, "GET", "/shop-states/a.tfstate?versionId=1", &[]);
    assert_eq!((status, text_of(&body, "Code").as_deref()), (501, Some("NotImplemented")));
}
