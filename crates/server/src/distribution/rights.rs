//! From an app, a person and what was granted to the one value that says what they may do: see [`Rights`].
//!
//! **Architecture Invariant:** this is decided here and nowhere else, and kept only under the mark of the database it was read from:
//! whatever is withdrawn is gone at the next request.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use gridkeep_model::{
    AccountId, AppDefinition, AppId,
    definition::Role,
    query::{Expr, Operator},
    rights::{Bound, Grant, Level, Rights, RowsOf},
};
use gridkeep_store::{App, Audience, Belonging, Mark, Reader, StoreError, Subject, TenantRole};

use super::{
    Definitions,
    condition::{Asking, Condition},
};
use crate::{error::ApiError, recent::Recent, session::Person};

/// Decisions kept: one for each person at an app.
const KEPT: usize = 256;
/// Conditions kept understood.
const CONDITIONS: usize = 256;

/// What was decided.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) app: App,
    pub(super) rights: Arc<Rights>,
}

/// What somebody is known by: whoever differs in any of it is decided about anew.
#[derive(Debug, Clone, PartialEq)]
struct Asker {
    app: AppId,
    account: Option<AccountId>,
    email: Option<String>,
    name: String,
    role: Option<TenantRole>,
}

type Read = Result<Arc<Condition>, ()>;

/// What was decided and understood last; clones share it.
#[derive(Clone)]
pub(super) struct Decisions(Arc<Inner>);

/// An app and an account, or nobody's.
type Whose = (AppId, Option<AccountId>);

struct Inner {
    decided: Mutex<BTreeMap<Whose, (Mark, Asker, Decision)>>,
    /// Of a version's tables, by their text.
    conditions: Recent<(AppId, u32, String, String), Read>,
}

impl Decisions {
    pub(super) fn new() -> Self {
        let inner = Inner { decided: Mutex::default(), conditions: Recent::new(CONDITIONS) };
        Self(Arc::new(inner))
    }

    fn known(&self, asker: &Asker, mark: Mark) -> Option<Decision> {
        let decided = self.0.decided.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, own, decision) = decided.get(&(asker.app, asker.account))?;
        (*kept == mark && own == asker).then(|| decision.clone())
    }

    fn keep(&self, asker: Asker, mark: Mark, decision: &Decision) {
        let mut decided = self.0.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if decided.len() >= KEPT {
            decided.retain(|_, (kept, ..)| *kept == mark);
        }
        if decided.len() >= KEPT {
            decided.clear();
        }
        decided.insert((asker.app, asker.account), (mark, asker, decision.clone()));
    }

    /// A condition on the rows of a table; none where it means nothing any more.
    fn condition(
        &self,
        app: &App,
        definition: &AppDefinition,
        table: &str,
        text: &str,
    ) -> Option<Arc<Condition>> {
        let key = (app.id, app.current.version, table.to_owned(), text.to_owned());
        let known = self.0.conditions.get(&key);
        let read = known.unwrap_or_else(|| {
            let read = Condition::read(definition, table, text).map(Arc::new).map_err(drop);
            self.0.conditions.put(key, read.clone());
            read
        });
        read.ok()
    }
}

/// How somebody stands to an app, and what of it is granted to them; `None` when it must look absent to them. Whoever the
/// app names has what was given to them, or else to all it names; with it goes what their groups have. Guests have what was
/// given to guests. Where nothing was given it is all that the definition gives the role.
pub(super) fn standing(
    app: &App,
    person: Option<&Person>,
    named: bool,
    grants: &[(Subject, Grant)],
    belonging: &Belonging,
) -> Option<(Role, Vec<Grant>)> {
    let made = person.is_some_and(|person| person.id == app.owner && person.role.is_some());
    if person.is_some_and(|person| person.administers() || (made && person.makes())) {
        return Some((Role::Maker, Vec::new()));
    }
    // Who made it and may make none any more still uses it.
    let named = named || made;
    let of = |subject: &Subject| grants.iter().find(|(own, _)| own == subject).map(|(_, grant)| grant);
    let own = grants.iter().find(|(own, _)| matches!(own, Subject::Person(_))).map(|(_, grant)| grant);
    let belongs = person.is_some_and(|person| person.role.is_some());
    let groups = grants.iter().filter_map(|(subject, grant)| match subject {
        Subject::Group(id) if belongs && belonging.groups.iter().any(|(own, _)| own == id) => Some(grant),
        _ => None,
    });
    let mut reaching: Vec<Grant> = groups.cloned().collect();
    if named {
        reaching.push(own.or_else(|| of(&Subject::Members)).cloned().unwrap_or_default());
    }
    if reaching.iter().any(|grant| grant.level == Level::Administer) {
        return Some((Role::Maker, Vec::new()));
    }
    let (role, reaching) = match app.audience {
        Audience::Prototype => return None,
        _ if !reaching.is_empty() => (Role::Member, reaching),
        Audience::Private => return None,
        Audience::Public => (Role::Guest, vec![of(&Subject::Guests).cloned().unwrap_or_default()]),
    };
    let nothing = |grant: &Grant| {
        grant.level == Level::None
            && grant.tables.values().all(|table| table.level.is_none_or(|level| level == Level::None))
            && grant.actions.values().all(|runs| !runs)
    };
    (!reaching.iter().all(nothing)).then_some((role, reaching))
}

/// What was given in an app that may reach somebody.
#[derive(Debug, Default)]
pub(super) struct Given {
    named: bool,
    grants: Vec<(Subject, Grant)>,
    belonging: Belonging,
}

impl Given {
    /// See [`standing`].
    pub(super) fn standing(&self, app: &App, person: Option<&Person>) -> Option<(Role, Vec<Grant>)> {
        standing(app, person, self.named, &self.grants, &self.belonging)
    }
}

/// Reads what was given in an app that may reach somebody.
pub(super) fn given(
    reader: &mut Reader<'_>,
    app: AppId,
    account: Option<AccountId>,
    email: Option<&str>,
) -> Result<Given, StoreError> {
    Ok(Given {
        named: match email {
            Some(email) => reader.is_named(app, email)?,
            None => false,
        },
        grants: reader.grants_reaching(app, email)?,
        belonging: match account {
            Some(account) => reader.belonging(account)?,
            None => Belonging::default(),
        },
    })
}

impl Definitions {
    /// What somebody may do with an app; not found when it must look absent to them.
    pub(super) async fn decide(&self, id: AppId, person: Option<&Person>) -> Result<Decision, ApiError> {
        let email = person.and_then(Person::proven).map(ToString::to_string);
        let asker = Asker {
            app: id,
            account: person.map(|person| person.id),
            email: email.clone(),
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            role: person.and_then(|person| person.role),
        };
        // Before anything is read: what changes while it is read ends it.
        let account = asker.account;
        let mark = self.tenancy().mark();
        if let Some(known) = mark.and_then(|mark| self.decisions().known(&asker, mark)) {
            return Ok(known);
        }
        let found = self
            .tenancy()
            .read(move |reader| {
                let Some(app) = reader.app(id)? else { return Ok(None) };
                Ok(Some((app, given(reader, id, account, email.as_deref())?)))
            })
            .await?;
        let (app, given) = found.ok_or(ApiError::NotFound)?;
        let (role, reaching) = given.standing(&app, person).ok_or(ApiError::NotFound)?;
        let rights = Arc::new(match role {
            Role::Maker => Rights::maker(),
            role => self.rights(&app, role, &reaching, person, &given.belonging).await?,
        });
        let decision = Decision { app, rights };
        if let Some(mark) = mark {
            self.decisions().keep(asker, mark, &decision);
        }
        Ok(decision)
    }

    /// What these grants leave of an app to a person.
    pub(super) async fn rights(
        &self,
        app: &App,
        role: Role,
        grants: &[Grant],
        person: Option<&Person>,
        belonging: &Belonging,
    ) -> Result<Rights, ApiError> {
        let definition = self.current(app).await?;
        Ok(self.bound(app, &definition, role, grants, person, belonging))
    }

    /// The same by this definition of the app.
    pub(super) fn bound(
        &self,
        app: &App,
        definition: &AppDefinition,
        role: Role,
        grants: &[Grant],
        person: Option<&Person>,
        belonging: &Belonging,
    ) -> Rights {
        let address = person.and_then(Person::proven).map(ToString::to_string);
        let facts = belonging.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        // What the account says is not for attributes to say; and what people call themselves says nothing.
        let facts = facts.filter(|(name, _)| !["email", "name"].contains(&name.to_lowercase().as_str()));
        let asking = Asking::of(facts.chain([("Email", address.as_deref().unwrap_or_default())]));
        let bound = grants.iter().map(|grant| {
            let conditions = grant.tables.iter().filter_map(|(table, said)| {
                let condition = match &said.rows {
                    RowsOf::All => return None,
                    RowsOf::Own { column } => own_rows(definition, table, column, address.as_deref()),
                    RowsOf::Where { filter } => {
                        let read = self.decisions().condition(app, definition, table, filter);
                        read.and_then(|condition| condition.of(&asking))
                    }
                };
                Some((table.clone(), condition?))
            });
            Bound { grant, only: conditions.collect(), address: address.as_deref() }
        });
        Rights::granted(definition, role, &bound.collect::<Vec<_>>())
    }
}

/// The rows with somebody's address in a column; none where there is no such column, or they have none.
fn own_rows(definition: &AppDefinition, table: &str, column: &str, address: Option<&str>) -> Option<Expr> {
    let known = definition.table(table)?.column(column)?;
    let text = known.column_type == gridkeep_model::ColumnType::Text && !known.is_file();
    Some(Expr::column(column).compare(Operator::Eq, address.filter(|_| text)?.into()))
}

#[cfg(test)]
mod tests {
    use gridkeep_model::GroupId;
    use gridkeep_store::AppVersion;
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::session::Email;

    fn person(number: u128, tenant: TenantRole) -> Person {
        Person {
            id: AccountId::from_uuid(Uuid::from_u128(number)),
            email: Email::new(&format!("{number}@example.com")).unwrap(),
            name: number.to_string(),
            role: Some(tenant),
            runs_server: false,
            through: None,
            passkey_since: None,
            confirmed: true,
        }
    }

    #[test]
    fn audience_and_standing_make_the_role() {
        let owner = person(1, TenantRole::Maker);
        let group_id = |number: u128| GroupId::from_uuid(Uuid::from_u128(number));
        let sales = (group_id(1), "sales".to_owned());
        let belonging = Belonging { groups: vec![sales], ..Belonging::default() };
        let check = |audience, who: Option<&Person>, named, grants: &[(Subject, Grant)], expect| {
            let current = AppVersion {
                version: 1,
                name: String::new(),
                description: String::new(),
                icon: String::new(),
                accent: String::new(),
                workbook: String::new(),
                file_name: String::new(),
                created_by: owner.id,
                created: Timestamp::UNIX_EPOCH,
            };
            let app = App {
                id: AppId::from_uuid(Uuid::nil()),
                owner: owner.id,
                audience,
                versions: 1,
                created: Timestamp::UNIX_EPOCH,
                updated: Timestamp::UNIX_EPOCH,
                current,
            };
            let found = standing(&app, who, named, grants, &belonging)
                .map(|(role, grants)| (role, grants.iter().map(|grant| grant.level).collect::<Vec<_>>()));
            let expect: Option<(Role, &[Level])> = expect;
            let expect = expect.map(|(role, levels)| (role, levels.to_vec()));
            assert_eq!(found, expect, "{audience:?} {who:?} {named} {grants:?}");
        };
        let (other, administrator) = (person(2, TenantRole::Maker), person(3, TenantRole::Administrator));
        let maker = Some((Role::Maker, [].as_slice()));
        let whole = [Level::Edit];
        let (member, guest) = (Some((Role::Member, whole.as_slice())), Some((Role::Guest, whole.as_slice())));
        for audience in [Audience::Prototype, Audience::Private, Audience::Public] {
            check(audience, Some(&owner), false, &[], maker);
            check(audience, Some(&administrator), false, &[], maker);
        }
        // Whoever may make no apps any more uses what they made; whoever does not belong here any more has nothing.
        let lowered = person(1, TenantRole::Member);
        let gone = Person { role: None, ..person(1, TenantRole::Maker) };
        let stranger = Person { role: None, ..person(2, TenantRole::Maker) };
        check(Audience::Private, Some(&lowered), false, &[], member);
        check(Audience::Prototype, Some(&lowered), false, &[], None);
        check(Audience::Private, Some(&gone), false, &[], None);
        check(Audience::Prototype, Some(&other), true, &[], None);
        check(Audience::Prototype, None, false, &[], None);
        check(Audience::Private, Some(&other), true, &[], member);
        check(Audience::Private, Some(&other), false, &[], None);
        check(Audience::Private, None, false, &[], None);
        check(Audience::Public, Some(&other), true, &[], member);
        check(Audience::Public, Some(&other), false, &[], guest);
        check(Audience::Public, None, false, &[], guest);

        let given = |subject: Subject, level| (subject, Grant::of(level));
        let own = |level| given(Subject::Person("2@example.com".to_owned()), level);
        let group =
            |name: &str, level| given(Subject::Group(group_id(u128::from(name != "sales") + 1)), level);
        let members = given(Subject::Members, Level::Submit);
        let guests = given(Subject::Guests, Level::None);
        let levels = |levels: &'static [Level]| Some((Role::Member, levels));
        let (view, submit) = (levels(&[Level::View]), levels(&[Level::Submit]));
        let all = [own(Level::View), members.clone(), guests.clone()];
        // One's own counts before that of all; what is given to a name that the app no longer has counts for nothing.
        check(Audience::Private, Some(&other), true, &all, view);
        check(Audience::Private, Some(&other), true, &all[1..], submit);
        check(Audience::Private, Some(&other), false, &all, None);
        check(Audience::Private, Some(&owner), true, &[own(Level::None)], maker);
        // Groups open an app, and add to what else is given.
        check(Audience::Private, Some(&other), false, &[group("sales", Level::View)], view);
        check(Audience::Private, Some(&other), false, &[group("board", Level::View)], None);
        check(Audience::Private, Some(&stranger), false, &[group("sales", Level::View)], None);
        let both = levels(&[Level::View, Level::Submit]);
        check(Audience::Private, Some(&other), true, &[group("sales", Level::View), members.clone()], both);
        // Nothing is nothing: the app looks absent.
        check(Audience::Private, Some(&other), true, &[own(Level::None)], None);
        check(Audience::Public, None, false, &all, None);
        check(Audience::Public, Some(&other), true, &[guests], member);
        // Whoever administers an app is its maker, even of one that is nobody else's yet.
        check(Audience::Prototype, Some(&other), true, &[own(Level::Administer)], maker);
        check(Audience::Prototype, Some(&other), false, &[own(Level::Administer)], None);
        check(Audience::Private, Some(&other), false, &[group("sales", Level::Administer)], maker);
    }
}
