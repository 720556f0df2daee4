//! The cookies: `gk_session` (who somebody is), `gk_step` (whose second step is waited for), `gk_browser` (whose uploads these
//! are), `gk_known` (that somebody has signed in here before)
//! and `gk_company` (who is on their way to a company and back).
//!
//! HttpOnly, SameSite=Lax, Path=/; with https also Secure and the `__Host-` prefix, which ties them to this very host
//! (RFC 6265bis section 4.1.3.2).

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::{secret::Token, site::Site};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Who somebody is.
    Session,
    /// Whose password was right and whose second step is waited for.
    Step,
    /// Whose uploads these are; ends with the browser's session.
    Browser,
    /// That somebody has signed in with this browser before.
    Known,
    /// Who is on their way to a company and back.
    Company,
}

impl Cookie {
    fn name(self, site: &Site) -> &'static str {
        match (self, site.secure()) {
            (Self::Session, false) => "gk_session",
            (Self::Session, true) => "__Host-gk_session",
            (Self::Step, false) => "gk_step",
            (Self::Step, true) => "__Host-gk_step",
            (Self::Browser, false) => "gk_browser",
            (Self::Browser, true) => "__Host-gk_browser",
            (Self::Known, false) => "gk_known",
            (Self::Known, true) => "__Host-gk_known",
            (Self::Company, false) => "gk_company",
            (Self::Company, true) => "__Host-gk_company",
        }
    }

    /// The token a request carries in this cookie.
    pub fn read(self, site: &Site, headers: &HeaderMap) -> Option<Token> {
        let name = self.name(site);
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| Token::parse(value)).flatten())
    }

    /// A `Set-Cookie` value that keeps the token; for so many seconds, or as long as the browser runs.
    pub fn keep(self, site: &Site, token: &Token, seconds: Option<i64>) -> HeaderValue {
        self.header(site, token.expose(), seconds)
    }

    /// A `Set-Cookie` value that forgets it.
    pub fn forget(self, site: &Site) -> HeaderValue {
        self.header(site, "", Some(0))
    }

    fn header(self, site: &Site, value: &str, seconds: Option<i64>) -> HeaderValue {
        let secure = if site.secure() { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(site));
        HeaderValue::from_str(&text).expect("a cookie of plain ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Chance, SystemRng};

    #[test]
    fn the_name_follows_the_scheme() {
        let token = Token::new(&Chance::new(Box::new(SystemRng)));
        let check = |base: &str, expect: &str| {
            let site = Site::new(base).unwrap();
            let header = Cookie::Session.keep(&site, &token, Some(60));
            let expect = expect.replace('T', token.expose());
            assert_eq!(header.to_str().unwrap(), expect);
            let mut headers = HeaderMap::new();
            let pair = expect.split(';').next().unwrap();
            headers.insert(COOKIE, format!("a=b; {pair}; gk_other=1").parse().unwrap());
            assert_eq!(Cookie::Session.read(&site, &headers).map(|t| t.hash()), Some(token.hash()));
            assert!(Cookie::Browser.read(&site, &headers).is_none());
        };
        check("http://localhost", "gk_session=T; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        check("https://a.example", "__Host-gk_session=T; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
    }
}
