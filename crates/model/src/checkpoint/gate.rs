//! A gate as its tenant's administrators define it, and what holds for all of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Characters of a gate's id.
const LONGEST_ID: usize = 40;

/// A gate of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gate {
    /// Unique in the tenant; a capital letter, then capital letters, digits and `_`, at most 40 characters.
    pub id: String,
    /// What it is for, in its administrators' words; may be empty.
    #[serde(default)]
    pub description: String,
    /// What the person reads, with `&PARAM` for values of the transaction and `&&` for `&`.
    pub message: String,
    /// Whether it asks.
    #[serde(default)]
    pub active: bool,
    /// How somebody may prove to be there; at least one.
    #[serde(default = "Method::all")]
    pub methods: BTreeSet<Method>,
    /// Whether a comment is asked for.
    #[serde(default)]
    pub comment: CommentRule,
    /// The person types their user name themselves.
    #[serde(default)]
    pub retype_username: bool,
    /// How long a challenge is open, in seconds: 30 to 86,400.
    #[serde(default = "five_minutes")]
    pub ttl_seconds: u32,
    /// What happens where nobody is there to be asked.
    #[serde(default)]
    pub offline: OfflinePolicy,
}

/// How somebody proves to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// The account's password.
    Password,
    /// A PIN of the account, which has five tries.
    Pin,
    /// A passkey, which signs the content itself.
    Passkey,
    /// A fresh sign-in at the person's own company.
    Company,
}

/// Whether a comment is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum CommentRule {
    /// None is taken.
    None,
    /// It may be left out.
    #[default]
    Optional,
    /// It is needed.
    Required,
}

/// What happens to a transaction that comes without its person: from an import, a program's key, a device's outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum OfflinePolicy {
    /// A key of the device has signed it. Until there are such keys it waits, as with `defer`.
    DeviceSigned,
    /// It waits until its author approves it online.
    #[default]
    Defer,
    /// It is refused.
    Forbid,
}

/// What holds for all gates of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GateSettings {
    /// Whether any gate asks.
    pub enabled: bool,
    /// User names are typed at every gate.
    pub retype_username: bool,
    /// Every gate needs a comment.
    pub comments_required: bool,
    /// Whoever may do the same may approve it for somebody else.
    pub any_entitled: bool,
    /// Somebody else must approve it, never whoever began it.
    pub four_eyes: bool,
    /// How long a transaction that came without its person waits for approval, in hours: 1 to 720.
    pub wait_hours: u32,
}

/// What several gates ask of one transaction together: at least as much as each of them alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// How somebody may prove to be there: what all of them take. With nothing left nobody can.
    pub methods: BTreeSet<Method>,
    /// The strictest.
    pub comment: CommentRule,
    /// Where one of them asks for it.
    pub retype_username: bool,
    /// The shortest.
    pub ttl_seconds: u32,
    /// The strictest.
    pub offline: OfflinePolicy,
}

impl Rule {
    /// Of these gates, under these settings.
    pub fn of<'a>(gates: impl IntoIterator<Item = &'a Gate>, settings: &GateSettings) -> Self {
        let mut rule = Self {
            methods: Method::all(),
            comment: CommentRule::None,
            retype_username: settings.retype_username,
            ttl_seconds: u32::MAX,
            offline: OfflinePolicy::DeviceSigned,
        };
        for gate in gates {
            rule.methods.retain(|method| gate.methods.contains(method));
            rule.comment = rule.comment.max(gate.comment);
            rule.retype_username |= gate.retype_username;
            rule.ttl_seconds = rule.ttl_seconds.min(gate.ttl_seconds);
            rule.offline = rule.offline.max(gate.offline);
        }
        if settings.comments_required {
            rule.comment = CommentRule::Required;
        }
        rule
    }
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            retype_username: false,
            comments_required: false,
            any_entitled: false,
            four_eyes: false,
            wait_hours: 72,
        }
    }
}

impl Method {
    /// All of them.
    pub fn all() -> BTreeSet<Self> {
        BTreeSet::from([Self::Password, Self::Pin, Self::Passkey, Self::Company])
    }

    /// As it is written down.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Pin => "pin",
            Self::Passkey => "passkey",
            Self::Company => "company",
        }
    }
}

impl OfflinePolicy {
    /// As it is written down.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Forbid => "forbid",
            Self::Defer => "defer",
            Self::DeviceSigned => "deviceSigned",
        }
    }
}

fn five_minutes() -> u32 {
    300
}

/// Whether this can be a gate's id.
pub fn is_gate_id(id: &str) -> bool {
    let mut letters = id.bytes();
    letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == b'_')
        && id.len() <= LONGEST_ID
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_together_ask_at_least_what_each_asks() {
        let gate = |json: serde_json::Value| serde_json::from_value::<Gate>(json).unwrap();
        let any = gate(
            serde_json::json!({"id": "A", "message": "a", "comment": "none", "offline": "deviceSigned"}),
        );
        let strict = gate(serde_json::json!({"id": "B", "message": "b", "methods": ["pin", "passkey"],
            "comment": "required", "retypeUsername": true, "ttlSeconds": 60, "offline": "forbid"}));
        let other = gate(serde_json::json!({"id": "C", "message": "c", "methods": ["password", "pin"]}));
        let settings = GateSettings::default();
        let alone = Rule::of([&any], &settings);
        assert_eq!((alone.comment, alone.offline), (CommentRule::None, OfflinePolicy::DeviceSigned));
        assert_eq!((alone.methods, alone.ttl_seconds), (Method::all(), 300));
        for gates in [[&any, &strict, &other], [&other, &strict, &any]] {
            let rule = Rule::of(gates, &settings);
            assert_eq!(rule.methods, BTreeSet::from([Method::Pin]));
            assert_eq!((rule.comment, rule.retype_username), (CommentRule::Required, true));
            assert_eq!((rule.ttl_seconds, rule.offline), (60, OfflinePolicy::Forbid));
        }
        let asked = GateSettings { retype_username: true, comments_required: true, ..settings };
        let rule = Rule::of([&any], &asked);
        assert_eq!((rule.comment, rule.retype_username), (CommentRule::Required, true));
    }
}
