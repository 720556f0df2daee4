//! Which programs there are, and where their answers may go.

use gridkeep_store::Program;
use jiff::Timestamp;

use crate::{error::ApiError, session::Logins};

/// Gridkeep's own programs: on the person's own machine, at whatever port is free (RFC 8252 section 7.3).
pub(super) const OWN: &str = "gridkeep";
const OWN_REDIRECTS: [&str; 2] = ["http://127.0.0.1/callback", "http://[::1]/callback"];
/// Longest address, in bytes.
const LONGEST: usize = 500;

/// The program of this id.
pub(super) async fn find(logins: &Logins, id: &str) -> Result<Option<Program>, ApiError> {
    if id == OWN {
        return Ok(Some(Program {
            id: OWN.to_owned(),
            name: "Gridkeep".to_owned(),
            redirects: OWN_REDIRECTS.map(str::to_owned).to_vec(),
            created: Timestamp::UNIX_EPOCH,
        }));
    }
    logins.registered(id).await
}

/// Whether an answer to a program may go to this address: one it was registered with, letter by letter; on the person's own
/// machine at any port.
pub(super) fn may_go_to(program: &Program, address: &str) -> bool {
    let asked = loopback(address);
    program.redirects.iter().any(|own| match (loopback(own), asked) {
        (Some(own), Some(asked)) => own == asked,
        (None, None) => own == address,
        _ => false,
    })
}

/// Host and path of an address on the machine itself, whatever its port.
fn loopback(address: &str) -> Option<(&'static str, &str)> {
    ["127.0.0.1", "[::1]"].into_iter().find_map(|host| {
        let rest = address.strip_prefix("http://")?.strip_prefix(host)?;
        let (port, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let plain = match port.strip_prefix(':') {
            Some(port) => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok(),
            None => port.is_empty(),
        };
        plain.then_some((host, path))
    })
}

/// Whether a program may be registered with this address: https, the machine itself, or a scheme of the program's own that
/// begins with a name its maker has (RFC 8252 section 7.1).
pub(super) fn is_address(address: &str) -> bool {
    let plain = address.len() <= LONGEST
        && address.bytes().all(|byte| byte.is_ascii_graphic())
        && !address.contains(['#', '"', '<', '>', '\\', '^', '`', '{', '|', '}']);
    let Some((scheme, rest)) = address.split_once(':') else { return false };
    let fits = match scheme {
        "https" => {
            let host = rest.strip_prefix("//").map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
            host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        }
        "http" => loopback(address).is_some(),
        own => {
            own.contains('.')
                && own.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                && own.starts_with(|first: char| first.is_ascii_alphabetic())
                && rest.starts_with('/')
        }
    };
    plain && fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_where_a_program_was_registered_with() {
        let redirects = [
            "https://app.example/callback",
            "http://127.0.0.1/callback",
            "http://[::1]:1234/",
            "com.example.app:/back",
        ];
        assert!(redirects.iter().all(|address| is_address(address)));
        let program = Program {
            id: "x".to_owned(),
            name: "X".to_owned(),
            redirects: redirects.map(str::to_owned).to_vec(),
            created: Timestamp::UNIX_EPOCH,
        };
        let check =
            |address: &str, expect: bool| assert_eq!(may_go_to(&program, address), expect, "{address}");
        check("https://app.example/callback", true);
        check("http://127.0.0.1:50123/callback", true);
        check("http://127.0.0.1/callback", true);
        check("http://[::1]:9/", true);
        check("com.example.app:/back", true);
        for other in [
            "",
            "https://app.example/callback/",
            "https://app.example/callback?x=1",
            "https://app.example/callback#x",
            "https://app.example/callback/../evil",
            "https://app.example:8443/callback",
            "https://app.example.evil.example/callback",
            "https://evil.example/callback",
            "HTTPS://app.example/callback",
            "http://app.example/callback",
            "http://127.0.0.1:50123/other",
            "http://127.0.0.1:50123/callback?x=1",
            "http://127.0.0.1:99999/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:+80/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://127.0.0.1:80@evil.example/callback",
            "http://localhost:50123/callback",
            "http://127.1:50123/callback",
            "https://127.0.0.1:50123/callback",
            "http://[::1]:9/callback",
            "com.example.app:/other",
            "javascript:alert(1)",
        ] {
            check(other, false);
        }
    }

    #[test]
    fn only_safe_addresses_are_registered() {
        for address in [
            "",
            "app.example",
            "http://app.example/callback",
            "http://localhost/callback",
            "https://",
            "https:///x",
            "https:app.example",
            "https://ann@app.example/",
            "https://app.example/#x",
            "https://app.example/ x",
            "https://app.example/\n",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "app:/x",
            "com.example.app:x",
            ".x:/y",
            &format!("https://app.example/{}", "a".repeat(LONGEST)),
        ] {
            assert!(!is_address(address), "{address}");
        }
    }
}
