use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Catalogue, Policy, Request, Target, Verb, Visibility};

/// What a user may do, for the screen: which buttons and fields to show. The service asks [`Policy`] again, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Permissions {
    pub entities: BTreeMap<String, EntityPermissions>,
    /// Processes that may be started, by key.
    pub processes: BTreeSet<String>,
    /// Activities that may be worked on, by the process' key.
    pub activities: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EntityPermissions {
    /// Permitted on some record at least.
    pub verbs: BTreeSet<Verb>,
    /// Only fields that are not as `verbs` says: hidden, or not to be written. A field that is missing here follows the
    /// entity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldPermissions>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FieldPermissions {
    /// Permitted on some record at least.
    pub verbs: BTreeSet<Verb>,
    /// Can be filtered and sorted by.
    pub searchable: bool,
}

impl Permissions {
    pub fn of(policy: &Policy, catalogue: &Catalogue) -> Self {
        let mut this = Self::default();
        for entity in &catalogue.entities {
            let masks: Vec<_> = entity
                .verbs
                .iter()
                .map(|v| (*v, policy.mask(&entity.name, *v)))
                .collect();
            let verbs: BTreeSet<_> = masks
                .iter()
                .filter(|(_, m)| !m.is_empty())
                .map(|(v, _)| *v)
                .collect();
            if verbs.is_empty() {
                continue;
            }
            let mut fields = BTreeMap::new();
            for field in &entity.fields {
                let of_field = FieldPermissions {
                    verbs: masks
                        .iter()
                        .filter(|(_, m)| m.field(field) != Visibility::Never)
                        .map(|(v, _)| *v)
                        .collect(),
                    searchable: masks
                        .iter()
                        .any(|(v, m)| *v == Verb::Read && m.field(field) == Visibility::Always),
                };
                if of_field.verbs != verbs || of_field.searchable != verbs.contains(&Verb::Read) {
                    fields.insert(field.clone(), of_field);
                }
            }
            this.entities
                .insert(entity.name.clone(), EntityPermissions { verbs, fields });
        }
        for process in &catalogue.processes {
            let whole = Target::process(&*process.key);
            if !policy
                .decide(&Request::new(Verb::Execute, &whole))
                .is_allowed()
            {
                continue;
            }
            this.processes.insert(process.key.clone());
            let activities = process
                .activities
                .iter()
                .filter(|a| {
                    policy
                        .decide(&Request::new(
                            Verb::Execute,
                            &Target::activity(&*process.key, a.as_str()),
                        ))
                        .is_allowed()
                })
                .cloned()
                .collect();
            this.activities.insert(process.key.clone(), activities);
        }
        this
    }

    pub fn may(&self, verb: Verb, entity: &str) -> bool {
        self.entities
            .get(entity)
            .is_some_and(|e| e.verbs.contains(&verb))
    }

    pub fn may_field(&self, verb: Verb, entity: &str, field: &str) -> bool {
        self.entities
            .get(entity)
            .is_some_and(|e| match e.fields.get(field) {
                Some(field) => field.verbs.contains(&verb),
                None => e.verbs.contains(&verb),
            })
    }

    pub fn is_searchable(&self, entity: &str, field: &str) -> bool {
        self.entities
            .get(entity)
            .is_some_and(|e| match e.fields.get(field) {
                Some(field) => field.searchable,
                None => e.verbs.contains(&Verb::Read),
            })
    }
}
