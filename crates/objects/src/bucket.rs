//! What is written to a bucket elsewhere that speaks S3: requests, signed as AWS Signature Version 4 has it.
//!
//! **Architecture Invariant:** opens no connection, and writes nothing twice: an object that is there already stays what it is.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// Where an object comes to be: the host as requests name it, and the path, of letters that need no escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// With its port where that is not the usual one.
    pub host: &'a str,
    /// From the slash on.
    pub path: &'a str,
}

/// What a bucket is written to with.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// The name of the key.
    pub id: &'a str,
    /// The region of the bucket.
    pub region: &'a str,
    /// The key.
    pub key: &'a SecretString,
}

/// A request as far as it is signed.
struct Signed<'a> {
    method: &'static str,
    path: &'a str,
    /// By name, in small letters.
    headers: Vec<(&'static str, String)>,
    /// SHA-256 of the body, in hexadecimal.
    body: String,
}

/// The headers, but for `Host`, of the `PUT` that makes an object where there is none. The checksum is what buckets with Object Lock ask for.
pub fn put(
    place: Place<'_>,
    credentials: &Credentials<'_>,
    content: &[u8],
    at: Timestamp,
) -> Vec<(&'static str, String)> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let hash = digest(&SHA256, content);
    let body = hex(hash.as_ref());
    let headers = vec![
        ("host", place.host.to_owned()),
        ("if-none-match", "*".to_owned()),
        ("x-amz-checksum-sha256", STANDARD.encode(hash.as_ref())),
        ("x-amz-content-sha256", body.clone()),
        ("x-amz-date", moment(at)),
    ];
    let request = Signed { method: "PUT", path: place.path, headers, body };
    let authorization = request.authorization(credentials, at);
    let mut headers = request.headers;
    headers.remove(0);
    headers.push(("authorization", authorization));
    headers
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

impl Signed<'_> {
    /// The header `Authorization`.
    fn authorization(&self, credentials: &Credentials<'_>, at: Timestamp) -> String {
        let names = self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let headers = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n"));
        let headers = headers.collect::<String>();
        let canonical = format!("{}\n{}\n\n{headers}\n{names}\n{}", self.method, self.path, self.body);
        let hashed = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
        let (day, region) = (at.strftime("%Y%m%d").to_string(), credentials.region);
        let scope = format!("{day}/{region}/s3/aws4_request");
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hashed}", moment(at));
        let first = format!("AWS4{}", credentials.key.expose_secret());
        let steps = [day.as_str(), region, "s3", "aws4_request", &text];
        let signature = steps.iter().fold(first.into_bytes(), |key, step| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            hmac::sign(&key, step.as_bytes()).as_ref().to_vec()
        });
        let (id, signature) = (credentials.id, hex(&signature));
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}")
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of Amazon's own reference ("Signature calculations: transferring the payload in a single chunk").
    #[test]
    fn a_signature_is_that_of_the_reference() {
        let key = SecretString::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let credentials = Credentials { id: "AKIAIOSFODNN7EXAMPLE", region: "us-east-1", key: &key };
        let at: Timestamp = "2013-05-24T00:00:00Z".parse().unwrap();
        let check = |method, path, headers: &[(&'static str, &str)], content: &str, expect: &str| {
            let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            let body = hex(digest(&SHA256, content.as_bytes()).as_ref());
            let header = Signed { method, path, headers, body }.authorization(&credentials, at);
            assert!(header.ends_with(&format!(",Signature={expect}")), "{header}");
        };
        let (host, day) = (("host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"));
        let content = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        check(
            "PUT",
            "/test%24file.text",
            &[
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                host,
                ("x-amz-content-sha256", content),
                day,
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
            "Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        );
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        check(
            "GET",
            "/test.txt",
            &[host, ("range", "bytes=0-9"), ("x-amz-content-sha256", empty), day],
            "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        );
    }

    #[test]
    fn nothing_is_written_twice_or_unchecked() {
        let key = SecretString::from("secret");
        let credentials = Credentials { id: "id", region: "eu-central-1", key: &key };
        let place = Place { host: "heads.example", path: "/a/1.json" };
        let headers = put(place, &credentials, b"head", Timestamp::UNIX_EPOCH);
        let of = |name: &str| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str());
        assert_eq!((of("if-none-match"), of("host")), (Some("*"), None));
        assert_eq!(of("x-amz-checksum-sha256"), Some("ny5tM6NxfugmNTpAS6RhjRrutoea15Nrzo7V9GgUkk0="));
        let signed =
            "SignedHeaders=host;if-none-match;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date,";
        assert!(of("authorization").unwrap().contains(signed));
    }
}
