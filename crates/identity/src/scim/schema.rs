//! What users and groups are made of (RFC 7643): only what is used here is kept of somebody.

use serde_json::{Value as Json, json};

/// Schemas by their names.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What companies say of their people beside that.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Messages.
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A change.
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// A question that is posted.
pub const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// A refusal.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A moment (RFC 3339).
    Moment,
    /// An address of something else.
    Reference,
    /// Parts with names.
    Complex,
}

/// What a resource has under a name.
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// As it is written; read in whatever case.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// A list of them.
    pub list: bool,
    /// No resource is without.
    pub required: bool,
    /// Capitals matter.
    pub case_exact: bool,
    /// The server's to say.
    pub read_only: bool,
    /// No two resources alike.
    pub unique: bool,
    /// Its parts, where it has some.
    pub parts: &'static [Attribute],
    /// Values that are usual.
    pub usual: &'static [&'static str],
    /// What it refers to.
    pub refers: &'static [&'static str],
    /// For whoever maps attributes.
    pub about: &'static str,
}

const fn text(name: &'static str, about: &'static str) -> Attribute {
    Attribute {
        name,
        kind: Kind::Text,
        list: false,
        required: false,
        case_exact: false,
        read_only: false,
        unique: false,
        parts: &[],
        usual: &[],
        refers: &[],
        about,
    }
}

const fn complex(name: &'static str, parts: &'static [Attribute], about: &'static str) -> Attribute {
    Attribute { kind: Kind::Complex, parts, ..text(name, about) }
}

const PRIMARY: Attribute = Attribute {
    kind: Kind::Boolean,
    ..text("primary", "Whether this is the one to use; true for one at most.")
};

const NAME: &[Attribute] = &[
    text("formatted", "The whole name, as it is written."),
    text("familyName", "The family name."),
    text("givenName", "The given name."),
    text("middleName", "Names between these."),
    text("honorificPrefix", "What stands before it, such as Dr."),
    text("honorificSuffix", "What stands behind it, such as III."),
];

const EMAIL: &[Attribute] = &[
    Attribute { required: true, ..text("value", "The address.") },
    text("display", "How it is shown."),
    Attribute { usual: &["work", "home", "other"], ..text("type", "What it is used for.") },
    PRIMARY,
];

const USERS_GROUP: &[Attribute] = &[
    Attribute { read_only: true, case_exact: true, ..text("value", "The group's id.") },
    Attribute {
        kind: Kind::Reference,
        read_only: true,
        case_exact: true,
        refers: &["Group"],
        ..text("$ref", "Where the group is.")
    },
    Attribute { read_only: true, ..text("display", "The group's name.") },
    Attribute { read_only: true, usual: &["direct"], ..text("type", "Always direct.") },
];

const MANAGER: &[Attribute] = &[
    Attribute { case_exact: true, ..text("value", "The id of their manager.") },
    Attribute {
        kind: Kind::Reference,
        case_exact: true,
        refers: &["User"],
        ..text("$ref", "Where the manager is.")
    },
    Attribute { read_only: true, ..text("displayName", "The manager's name.") },
];

const MEMBER: &[Attribute] = &[
    Attribute { case_exact: true, ..text("value", "The id of a user.") },
    Attribute {
        kind: Kind::Reference,
        case_exact: true,
        refers: &["User"],
        ..text("$ref", "Where the user is.")
    },
    Attribute { read_only: true, ..text("display", "The user's name.") },
    Attribute { usual: &["User"], ..text("type", "Always User: groups have no groups in them.") },
];

const META: &[Attribute] = &[
    Attribute { read_only: true, case_exact: true, ..text("resourceType", "User or Group.") },
    Attribute { kind: Kind::Moment, read_only: true, ..text("created", "When it came to be.") },
    Attribute { kind: Kind::Moment, read_only: true, ..text("lastModified", "When it changed last.") },
    Attribute {
        kind: Kind::Reference,
        read_only: true,
        case_exact: true,
        ..text("location", "Where it is.")
    },
    Attribute { read_only: true, case_exact: true, ..text("version", "Its entity tag.") },
];

/// What every resource has; in no schema (RFC 7643 section 3.1).
pub const COMMON: &[Attribute] = &[
    Attribute { read_only: true, case_exact: true, ..text("id", "Its id here.") },
    Attribute { case_exact: true, ..text("externalId", "Its id in the directory.") },
    Attribute {
        list: true,
        kind: Kind::Reference,
        case_exact: true,
        ..text("schemas", "What it is made of.")
    },
    Attribute { read_only: true, ..complex("meta", META, "What is known of the resource itself.") },
];

/// A user's own.
pub const USER_ATTRIBUTES: &[Attribute] = &[
    Attribute {
        required: true,
        unique: true,
        ..text("userName", "What the directory calls them, often an address.")
    },
    complex("name", NAME, "The parts of their name."),
    text("displayName", "What others read."),
    text("title", "What they are in the company."),
    text("userType", "How they belong to it, such as Employee."),
    text("preferredLanguage", "The language they like to read, such as de."),
    text("locale", "How they write numbers and dates, such as de-CH."),
    text("timezone", "Where their clocks are, such as Europe/Berlin."),
    Attribute {
        kind: Kind::Boolean,
        required: true,
        ..text("active", "Whether they may use the apps; true unless something else is said.")
    },
    Attribute {
        list: true,
        required: true,
        ..complex(
            "emails",
            EMAIL,
            "Their addresses: the primary one counts, else that of type work, else the first.",
        )
    },
    Attribute {
        list: true,
        read_only: true,
        ..complex("groups", USERS_GROUP, "Groups they are in, as the directory says.")
    },
];

/// What companies say of a user.
pub const ENTERPRISE_ATTRIBUTES: &[Attribute] = &[
    text("employeeNumber", "Their number in the company."),
    text("costCenter", "Their cost centre."),
    text("organization", "Their organisation."),
    text("division", "Their division."),
    text("department", "Their department."),
    complex("manager", MANAGER, "Whom they report to."),
];

/// A group's own.
pub const GROUP_ATTRIBUTES: &[Attribute] = &[
    Attribute {
        required: true,
        unique: true,
        ..text("displayName", "What people call it; no two of a tenant alike.")
    },
    Attribute { list: true, ..complex("members", MEMBER, "Who is in it.") },
];

/// Attributes of RFC 7643 that are not kept: directories may send them, and nothing becomes of it. Roles, entitlements and passwords
/// are not for a directory to give here.
pub const NOT_KEPT: &[&str] = &[
    "nickName",
    "profileUrl",
    "password",
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "entitlements",
    "roles",
    "x509Certificates",
];

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A person.
    User,
    /// Several.
    Group,
}

impl Resource {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Where all of them are.
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    /// Its own schema.
    pub const fn schema(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    /// Its own attributes.
    pub const fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::User => USER_ATTRIBUTES,
            Self::Group => GROUP_ATTRIBUTES,
        }
    }

    /// The schema that may extend it, and what that adds.
    pub const fn extension(self) -> Option<(&'static str, &'static [Attribute])> {
        match self {
            Self::User => Some((ENTERPRISE, ENTERPRISE_ATTRIBUTES)),
            Self::Group => None,
        }
    }
}

/// An attribute of this name, in whatever case.
pub fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

fn shown(attribute: &Attribute) -> Json {
    let kind = match attribute.kind {
        Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Moment => "dateTime",
        Kind::Reference => "reference",
        Kind::Complex => "complex",
    };
    let mut json = json!({
        "name": attribute.name,
        "type": kind,
        "multiValued": attribute.list,
        "description": attribute.about,
        "required": attribute.required,
        "mutability": if attribute.read_only { "readOnly" } else { "readWrite" },
        "returned": "default",
        "uniqueness": if attribute.unique { "server" } else { "none" },
    });
    match attribute.kind {
        Kind::Complex => json["subAttributes"] = attribute.parts.iter().map(shown).collect(),
        Kind::Text | Kind::Reference => json["caseExact"] = attribute.case_exact.into(),
        Kind::Boolean | Kind::Moment => {}
    }
    if !attribute.usual.is_empty() {
        json["canonicalValues"] = json!(attribute.usual);
    }
    if attribute.kind == Kind::Reference {
        json["referenceTypes"] =
            if attribute.refers.is_empty() { json!(["uri"]) } else { json!(attribute.refers) };
    }
    json
}

/// All schemas (RFC 7643 section 7), each with the path it is at below the service.
pub fn schemas(base: &str) -> Vec<Json> {
    let all = [
        (USER, "User", "A person", USER_ATTRIBUTES),
        (ENTERPRISE, "EnterpriseUser", "What a company says of a person", ENTERPRISE_ATTRIBUTES),
        (GROUP, "Group", "A group of people", GROUP_ATTRIBUTES),
    ];
    let schema = |(id, name, description, attributes): (&str, &str, &str, &[Attribute])| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "description": description,
            "attributes": attributes.iter().map(shown).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
        })
    };
    all.into_iter().map(schema).collect()
}

/// What resources there are (RFC 7643 section 6).
pub fn resource_types(base: &str) -> Vec<Json> {
    let kind = |resource: Resource, description: &str| {
        let name = resource.name();
        let mut json = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": format!("/{}", resource.endpoint()),
            "description": description,
            "schema": resource.schema(),
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}") },
        });
        if let Some((schema, _)) = resource.extension() {
            json["schemaExtensions"] = json!([{ "schema": schema, "required": false }]);
        }
        json
    };
    vec![kind(Resource::User, "People of the tenant"), kind(Resource::Group, "Groups of people")]
}

/// What the service can do (RFC 7643 section 5), with at most so many resources in an answer.
pub fn service(base: &str, most: usize) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": most },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token that an administrator of the tenant has made for the directory",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}
