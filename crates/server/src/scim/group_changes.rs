//! Groups of a directory: kept as groups of the tenant's that only the directory changes.

use std::collections::BTreeSet;

use gridkeep_identity::scim::{
    Object, Shown, etag,
    filter::{Key, fold},
    group::{Group, Step},
    question::Question,
    schema::{GROUP, Resource},
};
use gridkeep_model::{AccountId, GroupId};
use gridkeep_store::DirectoryGroup;
use serde_json::{Value as Json, json};

use super::{Directory, Failure};
use crate::error::ApiError;

/// Most groups of a tenant, those of people among them.
const MOST_GROUPS: usize = 500;

impl Directory {
    /// A group of the directory.
    pub(super) async fn group(&self, id: &str) -> Result<DirectoryGroup, Failure> {
        let id = id.parse::<GroupId>().map_err(|_| ApiError::NotFound)?;
        let provider = self.provider.id;
        let found = self.tenancy.read(move |reader| Ok(reader.directory_group(provider, id)?)).await?;
        Ok(found.ok_or(ApiError::NotFound)?)
    }

    /// Makes one.
    pub(super) async fn create_group(&self, said: Group) -> Result<DirectoryGroup, Failure> {
        let now = self.time.now();
        let members = self.members(said.members.unwrap_or_default()).await?;
        let group = DirectoryGroup {
            id: self.chance.with(|rng| GroupId::new(self.time.clock(), rng)),
            name: said.name,
            external: said.external,
            version: 1,
            created: now,
            changed: now,
        };
        let (made, provider, added) = (group.clone(), self.provider.id, members.clone());
        let kept: Result<(), Failure> = self
            .tenancy
            .write(move |work| {
                if work.groups()?.len() >= MOST_GROUPS {
                    return Ok(Err(Failure::Conflict("the tenant has as many groups as there can be")));
                }
                if !work.put_directory_group(provider, &made)? {
                    return Ok(Err(Failure::Taken("displayName".to_owned())));
                }
                work.add_directory_members(made.id, &added)?;
                Ok(Ok(()))
            })
            .await?;
        kept?;
        self.follow(&members.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
        Ok(group)
    }

    /// Changes one, step by step, all or nothing.
    pub(super) async fn change_group(
        &self,
        before: &DirectoryGroup,
        steps: Vec<Step>,
    ) -> Result<DirectoryGroup, Failure> {
        let mut group = before.clone();
        let mut changes = Vec::new();
        for step in steps {
            match step {
                Step::Name(name) => group.name = name,
                Step::External(external) => group.external = external,
                Step::Add(ids) => changes.push(Change::Add(self.members(ids).await?)),
                // Somebody who is not there is not in it either.
                Step::Remove(ids) => {
                    let gone = ids.iter().filter_map(|id| id.parse().ok()).collect();
                    changes.push(Change::Remove(gone));
                }
                Step::Members(ids) => changes.push(Change::All(self.members(ids).await?)),
            }
        }
        let (provider, known) = (self.provider.id, before.version);
        group.version += 1;
        group.changed = self.time.now();
        let wanted = group.clone();
        let kept: Result<(DirectoryGroup, BTreeSet<AccountId>), Failure> = self
            .tenancy
            .write(move |work| {
                let Some(now) = work.directory_group(provider, wanted.id)? else {
                    return Ok(Err(ApiError::NotFound.into()));
                };
                if now.version != known {
                    return Ok(Err(Failure::Outdated));
                }
                let had: BTreeSet<AccountId> = work.directory_members(wanted.id)?.into_iter().collect();
                for change in &changes {
                    change.apply(work, wanted.id)?;
                }
                let has: BTreeSet<AccountId> = work.directory_members(wanted.id)?.into_iter().collect();
                let renamed = (&now.name, &now.external) != (&wanted.name, &wanted.external);
                let touched =
                    if renamed { &had | &has } else { had.symmetric_difference(&has).copied().collect() };
                if !renamed && touched.is_empty() {
                    return Ok(Ok((now, touched)));
                }
                if !work.put_directory_group(provider, &wanted)? {
                    return Err(ApiError::NameTaken);
                }
                Ok(Ok((wanted, touched)))
            })
            .await
            .or_else(|error| match error {
                ApiError::NameTaken => Ok(Err(Failure::Taken("displayName".to_owned()))),
                error => Err(error),
            })?;
        let (group, touched) = kept?;
        self.follow(&touched.into_iter().collect::<Vec<_>>()).await?;
        Ok(group)
    }

    /// Ends one, with what was granted to it.
    pub(super) async fn remove_group(&self, group: &DirectoryGroup) -> Result<(), Failure> {
        let id = group.id;
        let had = self
            .tenancy
            .write(move |work| {
                let had = work.directory_members(id)?;
                work.delete_group(id)?;
                Ok(had)
            })
            .await?;
        self.follow(&had).await
    }

    /// Ids of people of this directory, each with whether they may come in; refuses those who are not of it.
    async fn members(&self, ids: Vec<String>) -> Result<Vec<(AccountId, bool)>, Failure> {
        let mut wanted = BTreeSet::new();
        for id in &ids {
            match id.parse::<AccountId>() {
                Ok(account) => drop(wanted.insert(account)),
                Err(_) => return Err(nobody(id)),
            }
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found =
            self.control().directory_actives(self.provider.id, wanted.iter().copied().collect()).await?;
        let known: BTreeSet<AccountId> = found.iter().map(|(id, _)| *id).collect();
        match wanted.difference(&known).next() {
            Some(missing) => Err(nobody(&missing.to_string())),
            None => Ok(found),
        }
    }

    /// Groups as they are shown.
    pub(super) async fn shown_groups(
        &self,
        groups: &[DirectoryGroup],
        shown: &Shown,
    ) -> Result<Vec<Json>, Failure> {
        let members = if shown.has("members") { self.members_of(groups).await? } else { Vec::new() };
        let objects = groups.iter().enumerate().map(|(index, group)| {
            let own = members.get(index).map_or(&[][..], Vec::as_slice);
            Json::Object(shown.apply(self.group_object(group, shown.has("members").then_some(own))))
        });
        Ok(objects.collect())
    }

    async fn members_of(&self, groups: &[DirectoryGroup]) -> Result<Vec<Vec<AccountId>>, Failure> {
        let ids: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
        let all = self.tenancy.read(move |reader| {
            Ok(ids.into_iter().map(|id| reader.directory_members(id)).collect::<Result<_, _>>()?)
        });
        Ok(all.await?)
    }

    fn group_object(&self, group: &DirectoryGroup, members: Option<&[AccountId]>) -> Object {
        let place = self.place(&format!("Groups/{}", group.id));
        let mut json = json!({
            "schemas": [GROUP],
            "id": group.id,
            "displayName": group.name,
            "meta": {
                "resourceType": "Group",
                "created": group.created.to_string(),
                "lastModified": group.changed.to_string(),
                "location": place,
                "version": etag(group.version),
            },
        });
        if let Some(external) = &group.external {
            json["externalId"] = external.as_str().into();
        }
        if let Some(members) = members {
            let member = |id: &AccountId| json!({ "value": id, "$ref": self.place(&format!("Users/{id}")), "type": "User" });
            json["members"] = members.iter().map(member).collect();
        }
        match json {
            Json::Object(object) => object,
            _ => Object::new(),
        }
    }

    /// The groups that are asked for, and how many there are.
    pub(super) async fn find_groups(
        &self,
        question: &Question,
    ) -> Result<(u64, Vec<DirectoryGroup>), Failure> {
        let provider = self.provider.id;
        let key = question.filter.as_ref().and_then(|filter| filter.key(Resource::Group));
        let mut all = match &key {
            Some(Key::Member(member)) => match member.parse::<AccountId>() {
                Ok(member) => {
                    self.tenancy.read(move |reader| Ok(reader.directory_groups_of(provider, member)?)).await?
                }
                Err(_) => Vec::new(),
            },
            _ => self.tenancy.read(move |reader| Ok(reader.directory_groups(provider)?)).await?,
        };
        match key {
            Some(Key::DisplayName(name)) => all.retain(|group| fold(&group.name) == name),
            Some(Key::External(external)) => all.retain(|group| group.external.as_ref() == Some(&external)),
            Some(Key::Id(id)) => all.retain(|group| group.id.to_string() == id),
            _ => {}
        }
        if let Some(filter) = &question.filter {
            let asks = filter.asks_for("members");
            let members = if asks { self.members_of(&all).await? } else { Vec::new() };
            let mut index = 0;
            all.retain(|group| {
                let own = members.get(index).map(Vec::as_slice);
                index += 1;
                filter.holds(&self.group_object(group, own))
            });
        }
        let total = all.len() as u64;
        let skip = usize::try_from(question.skip).unwrap_or(usize::MAX);
        Ok((total, all.into_iter().skip(skip).take(question.count).collect()))
    }
}

fn nobody(id: &str) -> Failure {
    let short: String = id.chars().filter(|letter| !letter.is_control()).take(40).collect();
    gridkeep_identity::scim::Refused::Value(format!("there is no user {short}")).into()
}

/// A change of who is in a group.
enum Change {
    Add(Vec<(AccountId, bool)>),
    Remove(Vec<AccountId>),
    All(Vec<(AccountId, bool)>),
}

impl Change {
    fn apply(
        &self,
        work: &mut gridkeep_store::Work<'_>,
        id: GroupId,
    ) -> Result<(), gridkeep_store::StoreError> {
        match self {
            Self::Add(members) => work.add_directory_members(id, members),
            Self::Remove(members) => work.remove_directory_members(id, members),
            Self::All(members) => {
                let wanted: BTreeSet<AccountId> = members.iter().map(|(id, _)| *id).collect();
                let now = work.directory_members(id)?;
                let gone: Vec<AccountId> = now.into_iter().filter(|id| !wanted.contains(id)).collect();
                work.remove_directory_members(id, &gone)?;
                work.add_directory_members(id, members)
            }
        }
    }
}
