//! Which resource of the service a request of a batch means: its URL may be absolute, from the host's root, or relative
//! (OData-Protocol 4.01, section 11.7.7.1).

use crate::{Error, ErrorKind};

/// Where the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Host and port as clients see them; `None` when the batch did not say.
    pub authority: Option<String>,
    /// Path of the service's root, with a slash at both ends.
    pub path: String,
}

impl Root {
    /// The part of a URL behind the service's root. `host` is the request's `Host` header.
    pub fn relative<'a>(&self, url: &'a str, host: Option<&str>) -> Result<&'a str, Error> {
        let refuse = |message: &str| Err(Error::new(ErrorKind::Malformed, "BAD_URL", message));
        let foreign =
            |host: &str| self.authority.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(host));
        if host.is_some_and(foreign) {
            return refuse("The request's Host is not the one of the batch");
        }
        let path = url.split(['?', '#']).next().unwrap_or(url);
        let from_root = match path.find("://") {
            Some(scheme) if matches!(path[..scheme].to_ascii_lowercase().as_str(), "http" | "https") => {
                let rest = &url[scheme + 3..];
                let end = rest.find('/').unwrap_or(rest.len());
                if foreign(&rest[..end]) {
                    return refuse("The request's URL is of another host");
                }
                &rest[end..]
            }
            Some(_) if !path.starts_with('/') => {
                return refuse("The request's URL is neither http nor https");
            }
            _ if url.starts_with("//") => return refuse("The request's URL is of another host"),
            _ => url,
        };
        let relative = if from_root.starts_with('/') || (from_root.is_empty() && !url.is_empty()) {
            let bare = self.path.trim_end_matches('/');
            match from_root
                .strip_prefix(&*self.path)
                .or_else(|| from_root.strip_prefix(bare).filter(|it| it.is_empty() || it.starts_with('?')))
            {
                Some(relative) => relative,
                None => return refuse("The request's URL is outside of the service"),
            }
        } else {
            from_root
        };
        let steps = relative.split(['?', '#']).next().unwrap_or_default();
        let dots = |segment: &str| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            plain == "." || plain == ".."
        };
        if steps.split('/').any(dots) {
            return refuse("The request's URL must not contain `.` and `..`");
        }
        Ok(relative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_made_relative() {
        let root = Root { authority: Some("host:1234".into()), path: "/path/service/".into() };
        let check = |url: &str, host: Option<&str>, expect: Result<&str, &str>| {
            let found = root.relative(url, host).map_err(|error| error.message);
            assert_eq!(found.as_deref().map_err(String::as_str), expect, "{url}");
        };
        check("https://host:1234/path/service/People(1)", None, Ok("People(1)"));
        check("HTTP://HOST:1234/path/service/People?$top=1", None, Ok("People?$top=1"));
        check("/path/service/People(1)", Some("host:1234"), Ok("People(1)"));
        check("/path/service", None, Ok(""));
        check("/path/service?$format=json", None, Ok("?$format=json"));
        check("People(1)", None, Ok("People(1)"));
        check("People('http://x/y')", None, Err("The request's URL is neither http nor https"));
        check("People?$filter=Url eq 'http://x'", None, Ok("People?$filter=Url eq 'http://x'"));
        check("", None, Ok(""));
        check("$1/Orders", None, Ok("$1/Orders"));
        check("https://other/path/service/People", None, Err("The request's URL is of another host"));
        check("//other/path/service/People", None, Err("The request's URL is of another host"));
        check("/path/service/People", Some("other"), Err("The request's Host is not the one of the batch"));
        check("/path/servicex/People", None, Err("The request's URL is outside of the service"));
        check("/other", None, Err("The request's URL is outside of the service"));
        check("ftp://host/", None, Err("The request's URL is neither http nor https"));
        check("../other/People", None, Err("The request's URL must not contain `.` and `..`"));
        check("/path/service/%2E%2e/x", None, Err("The request's URL must not contain `.` and `..`"));
    }
}
