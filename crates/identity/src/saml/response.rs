//! What a provider answers: whether it is an answer to what we asked, good here and now, and whom it is about.
//!
//! **Architecture Invariant:** everything that says who somebody is comes out of signed bytes; what stands unsigned around
//! them can only refuse. There is one assertion, for us, for this very question, and who it is about is not to be had
//! before somebody said that the assertion was never seen.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};

use super::{
    Refused,
    key::{Key, unspaced},
    signature::{DSIG, signed},
    xml::{self, Asides, Element, is_name, is_space},
};

/// What names of assertions are in.
pub(super) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// What names of requests and responses are in.
pub(super) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// Largest response, in bytes.
const LARGEST: usize = 512 << 10;
/// How far apart the provider's clock and ours may be.
pub const SKEW: SignedDuration = SignedDuration::from_mins(2);
/// No assertion is good for longer than this, whatever it says: so long its id is remembered.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// Longest name of a person, in bytes (SAML core section 8.3.7 allows 256 characters).
const LONGEST_SUBJECT: usize = 1_024;
/// Most values of all attributes together.
const MOST_VALUES: usize = 5_000;

/// What an answer is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The provider's name (entity id).
    pub issuer: &'a str,
    /// Our own name (entity id).
    pub audience: &'a str,
    /// Where answers are sent to (assertion consumer service).
    pub place: &'a str,
    /// The id of our request; an answer to none is refused.
    pub asked: &'a str,
    /// When it was made.
    pub asked_at: Timestamp,
    /// Whether we asked that the person proves anew who they are (ForceAuthn).
    pub anew: bool,
    /// The provider's keys, from the settings.
    pub keys: &'a [Key],
    /// Now.
    pub now: Timestamp,
}

/// An answer that holds, if it is the first of its kind.
#[derive(Debug)]
#[must_use = "whether it was seen before is not known yet"]
pub struct Answer {
    id: [u8; 32],
    until: Timestamp,
    person: Person,
}

/// Whom an assertion is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider's own name for them (NameID).
    pub subject: String,
    /// That name is an address by what it says of itself, or by what it looks like where it says nothing: addresses go from one person
    /// to another.
    pub addressed: bool,
    /// The provider's name of the session, to end it by.
    pub session: Option<String>,
    /// How they proved it (AuthnContextClassRef), in the provider's words.
    pub contexts: Vec<String>,
    /// When they proved it.
    pub proven: Timestamp,
    /// When the provider wants the session to end at the latest.
    pub until: Option<Timestamp>,
    /// What else is said of them: names and their values, in the order they came.
    pub attributes: Vec<(String, Vec<String>)>,
}

impl Person {
    /// All values of an attribute.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let own = self.attributes.iter().filter(move |(own, _)| own == name);
        own.flat_map(|(_, values)| values).map(String::as_str)
    }
}

impl Answer {
    /// What tells this assertion from all others of all providers: to be seen once.
    pub const fn id(&self) -> [u8; 32] {
        self.id
    }

    /// From when on it holds no longer, so that its id can be forgotten.
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Whom it is about, if it is the first with its id.
    pub fn first(self, is_first: bool) -> Result<Person, Refused> {
        if is_first { Ok(self.person) } else { Err(Refused::Replay) }
    }
}

/// Reads and checks an answer as a browser brings it: base64 (SAML bindings section 3.5.4).
pub fn accept(response: &str, expected: &Expected<'_>) -> Result<Answer, Refused> {
    let bytes = unspaced(response, LARGEST).ok_or(Refused::Form(xml::Fault::Form))?;
    let sent = xml::read(&bytes, LARGEST, Asides::Refused).map_err(Refused::Form)?;
    if !sent.is(SAMLP, "Response") {
        return Err(Refused::Shape);
    }
    look_around(&sent)?;
    let inner = sent.only(SAML, "Assertion");
    let outer = signed(&sent, &[], expected.keys)?;
    // The status comes before the assertion: who is refused gets none. Unsigned, it only refuses.
    check_response(outer.as_ref().unwrap_or(&sent), expected)?;
    let inner = inner.ok_or(Refused::Shape)?;
    let own = signed(inner, &[&sent], expected.keys)?;
    let covered = own.as_ref().or_else(|| outer.as_ref()?.only(SAML, "Assertion"));
    let assertion = covered.ok_or(Refused::Unsigned)?;
    check_assertion(assertion, expected)
}

/// Refuses what has an assertion, a signature or something encrypted anywhere but where each belongs.
fn look_around(response: &Element) -> Result<(), Refused> {
    let (mut assertions, mut signatures, mut encrypted) = (0, 0, false);
    response.all(&mut |element| {
        assertions += usize::from(element.is(SAML, "Assertion"));
        signatures += usize::from(element.is(DSIG, "Signature"));
        encrypted |= *element.namespace == *XENC
            || *element.namespace == *SAML && element.local.starts_with("Encrypted");
    });
    if encrypted {
        return Err(Refused::Encrypted);
    }
    let direct = |element: &Element| element.named(DSIG, "Signature").count();
    let belong = direct(response) + response.named(SAML, "Assertion").map(direct).sum::<usize>();
    if signatures != belong || assertions > 1 || assertions != response.named(SAML, "Assertion").count() {
        return Err(Refused::Shape);
    }
    Ok(())
}

fn check_response(response: &Element, expected: &Expected<'_>) -> Result<(), Refused> {
    if response.attribute("Version") != Some("2.0") || !response.attribute("ID").is_some_and(is_name) {
        return Err(Refused::Shape);
    }
    if let Some(issuer) = at_most_one(response, "Issuer")? {
        check_issuer(issuer, expected)?;
    }
    if response.attribute("Destination") != Some(expected.place) {
        return Err(Refused::Destination);
    }
    if response.attribute("InResponseTo") != Some(expected.asked) {
        return Err(Refused::Unasked);
    }
    let issued = moment(response, "IssueInstant")?.ok_or(Refused::Time)?;
    if issued > expected.now + SKEW || issued + LONGEST_LIFE <= expected.now {
        return Err(Refused::Time);
    }
    let status = response.only(SAMLP, "Status").ok_or(Refused::Shape)?;
    let code = status.only(SAMLP, "StatusCode").ok_or(Refused::Shape)?;
    if code.attribute("Value") != Some(SUCCESS) {
        return Err(Refused::Status);
    }
    Ok(())
}

fn check_assertion(assertion: &Element, expected: &Expected<'_>) -> Result<Answer, Refused> {
    let id = assertion.attribute("ID").filter(|id| is_name(id)).ok_or(Refused::Shape)?;
    if assertion.attribute("Version") != Some("2.0") {
        return Err(Refused::Shape);
    }
    check_issuer(assertion.only(SAML, "Issuer").ok_or(Refused::Issuer)?, expected)?;
    let issued = moment(assertion, "IssueInstant")?.ok_or(Refused::Time)?;
    if issued > expected.now + SKEW || issued + LONGEST_LIFE <= expected.now {
        return Err(Refused::Time);
    }
    check_conditions(assertion.only(SAML, "Conditions").ok_or(Refused::Audience)?, expected)?;
    let subject = assertion.only(SAML, "Subject").ok_or(Refused::Subject)?;
    let until = confirmed(subject, expected)?.min(issued + LONGEST_LIFE) + SKEW;
    let (name, addressed) = subject_of(subject, expected)?;
    let statement = at_most_one(assertion, "AuthnStatement")?.ok_or(Refused::Proof)?;
    let (contexts, proven, ends) = proof_of(statement, expected)?;
    let session = statement.attribute("SessionIndex").map(str::to_owned);
    let attributes = attributes_of(assertion)?;
    let mut text = expected.issuer.as_bytes().to_vec();
    text.push(0);
    text.extend(id.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, &text).as_ref());
    let person = Person { subject: name, addressed, session, contexts, proven, until: ends, attributes };
    Ok(Answer { id: hash, until, person })
}

/// The one child of this name in assertions' namespace, if any.
fn at_most_one<'a>(element: &'a Element, name: &'static str) -> Result<Option<&'a Element>, Refused> {
    let mut all = element.named(SAML, name);
    let first = all.next();
    if all.next().is_some() { Err(Refused::Shape) } else { Ok(first) }
}

fn check_issuer(issuer: &Element, expected: &Expected<'_>) -> Result<(), Refused> {
    let entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    let right = issuer.attribute("Format").is_none_or(|format| format == entity)
        && issuer.text().as_deref() == Some(expected.issuer);
    if right { Ok(()) } else { Err(Refused::Issuer) }
}

/// Whether it is for us and for now (SAML core section 2.5.1): every condition that we do not know is not met.
fn check_conditions(conditions: &Element, expected: &Expected<'_>) -> Result<(), Refused> {
    check_times(conditions, expected)?;
    let mut named = false;
    for condition in conditions.just_elements().ok_or(Refused::Shape)? {
        match &*condition.local {
            _ if *condition.namespace != *SAML => return Err(Refused::Condition),
            "AudienceRestriction" => {
                let mut audiences = condition.named(SAML, "Audience").filter_map(Element::text);
                if !audiences.any(|audience| audience == expected.audience) {
                    return Err(Refused::Audience);
                }
                named = true;
            }
            // Ours are always used once, and never passed on.
            "OneTimeUse" | "ProxyRestriction" => {}
            _ => return Err(Refused::Condition),
        }
    }
    if named { Ok(()) } else { Err(Refused::Audience) }
}

/// Whether we are within what an element says of its time. Neither end has to be there.
fn check_times(element: &Element, expected: &Expected<'_>) -> Result<(), Refused> {
    let from = moment(element, "NotBefore")?;
    let until = moment(element, "NotOnOrAfter")?;
    if from.is_some_and(|from| expected.now + SKEW < from)
        || until.is_some_and(|until| expected.now >= until + SKEW)
    {
        return Err(Refused::Time);
    }
    Ok(())
}

/// Until when whoever brings this may be taken for who it is about (SAML profiles section 4.1.4.2): one of the ways says so.
fn confirmed(subject: &Element, expected: &Expected<'_>) -> Result<Timestamp, Refused> {
    let mut why = Refused::Confirmation;
    for way in subject.named(SAML, "SubjectConfirmation") {
        if way.attribute("Method") != Some(BEARER) {
            continue;
        }
        match carried(way, expected) {
            Ok(until) => return Ok(until),
            Err(refused) => why = refused,
        }
    }
    Err(why)
}

fn carried(way: &Element, expected: &Expected<'_>) -> Result<Timestamp, Refused> {
    let data = way.only(SAML, "SubjectConfirmationData").ok_or(Refused::Confirmation)?;
    if data.attribute("Recipient") != Some(expected.place) {
        return Err(Refused::Recipient);
    }
    if data.attribute("InResponseTo") != Some(expected.asked) {
        return Err(Refused::Unasked);
    }
    check_times(data, expected)?;
    moment(data, "NotOnOrAfter")?.ok_or(Refused::Time)
}

/// The provider's name of the person, the whole text, and whether it is an address.
fn subject_of(subject: &Element, expected: &Expected<'_>) -> Result<(String, bool), Refused> {
    let name = at_most_one(subject, "NameID")?.ok_or(Refused::Subject)?;
    // A name that means somebody only together with another issuer or another service is not this provider's to us.
    let qualified = |attribute: &str, own: &str| name.attribute(attribute).is_none_or(|text| text == own);
    let right = name.attribute("Format") != Some(TRANSIENT)
        && qualified("NameQualifier", expected.issuer)
        && qualified("SPNameQualifier", expected.audience);
    let text = name.text().filter(|text| {
        !text.is_empty() && text.len() <= LONGEST_SUBJECT && !text.chars().any(char::is_control)
    });
    let text = text.filter(|_| right).ok_or(Refused::Subject)?;
    let addressed = match name.attribute("Format") {
        Some(ADDRESS) => true,
        None | Some(UNSPECIFIED) => text.contains('@'),
        Some(_) => false,
    };
    Ok((text, addressed))
}

type Proof = (Vec<String>, Timestamp, Option<Timestamp>);

/// How and when they proved who they are.
fn proof_of(statement: &Element, expected: &Expected<'_>) -> Result<Proof, Refused> {
    let proven = moment(statement, "AuthnInstant")?.ok_or(Refused::Proof)?;
    if proven > expected.now + SKEW || expected.anew && proven + SKEW < expected.asked_at {
        return Err(Refused::Proof);
    }
    let ends = moment(statement, "SessionNotOnOrAfter")?;
    if ends.is_some_and(|ends| expected.now >= ends + SKEW) {
        return Err(Refused::Time);
    }
    let context = statement.only(SAML, "AuthnContext").ok_or(Refused::Proof)?;
    let contexts = context.named(SAML, "AuthnContextClassRef").filter_map(Element::text);
    Ok((contexts.filter(|text| !text.is_empty()).collect(), proven, ends))
}

fn attributes_of(assertion: &Element) -> Result<Vec<(String, Vec<String>)>, Refused> {
    let mut attributes: Vec<(String, Vec<String>)> = Vec::new();
    let mut count = 0;
    for attribute in assertion.named(SAML, "AttributeStatement").flat_map(|own| own.named(SAML, "Attribute"))
    {
        let name = attribute.attribute("Name").ok_or(Refused::Shape)?;
        // What is no plain text is nothing that we would understand.
        let values: Vec<String> = attribute.named(SAML, "AttributeValue").filter_map(Element::text).collect();
        count += 1 + values.len();
        if count > MOST_VALUES {
            return Err(Refused::Form(xml::Fault::Large));
        }
        attributes.push((name.to_owned(), values));
    }
    Ok(attributes)
}

/// A moment in UTC (SAML core section 1.3.3).
pub(super) fn moment(element: &Element, name: &str) -> Result<Option<Timestamp>, Refused> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    let plain = text.trim_matches(is_space);
    let shape = plain.ends_with('Z')
        && plain.len() <= 40
        && plain.bytes().all(|byte| byte.is_ascii_digit() || b"-:TZ.".contains(&byte));
    let parsed: Option<Timestamp> = shape.then(|| plain.parse().ok()).flatten();
    // Near both ends of time there is no room to add to.
    let parsed = parsed.filter(|moment| (0..=253_000_000_000).contains(&moment.as_second()));
    parsed.map(Some).ok_or(Refused::Time)
}
