//! Who may give what. Whoever may see and change a role may give it and take it away; what somebody may not give they give by
//! no other way either: not by a group that holds it, nor by becoming one of its holders (a password, a login). Taking away
//! counts as giving, for a role may deny.

use std::collections::{BTreeMap, BTreeSet};

use access::{Policy, Verb};
use kernel::{Code, Error, FieldProblem, Result};
use store::Reads;

use crate::roles::{self, Role};
use crate::{GroupId, RoleId, UserId, users};

store::statements! {
    GIVEN_BY = "SELECT group_id, role_id FROM role_group";
}

/// What is withheld from somebody.
#[derive(Clone, Debug, Default)]
pub struct Giving {
    /// Roles that they may not give, by what they may be told of each: its name, or only the key.
    roles: BTreeMap<RoleId, String>,
    /// Groups that hold one of those.
    groups: BTreeSet<GroupId>,
}

/// Whether this role may be given and taken away by whoever has this policy.
pub fn may_give(policy: &Policy, role: &Role) -> bool {
    let record = |field: &str| role.get(field);
    [Verb::Read, Verb::Change]
        .into_iter()
        .all(|verb| policy.require_on(verb, "role", &record).is_ok())
}

impl Giving {
    pub async fn of(reads: &mut impl Reads, policy: &Policy) -> Result<Self> {
        let mut withheld = BTreeMap::new();
        for role in roles::all(reads).await? {
            if !may_give(policy, &role) {
                let is_seen = policy.require_on(Verb::Read, "role", &|field: &str| role.get(field));
                let told = if is_seen.is_ok() { role.name } else { role.key };
                withheld.insert(role.id, told);
            }
        }
        if withheld.is_empty() {
            return Ok(Self::default());
        }
        let given = store::fetch_all!(reads, (GroupId, RoleId), GIVEN_BY)?;
        let groups = given
            .into_iter()
            .filter(|(_, role)| withheld.contains_key(role))
            .map(|(group, _)| group)
            .collect();
        Ok(Self {
            roles: withheld,
            groups,
        })
    }

    pub fn withholds_group(&self, group: GroupId) -> bool {
        self.groups.contains(&group)
    }

    /// What is wrong with giving these roles, or taking them away.
    pub fn roles(&self, of: impl IntoIterator<Item = RoleId>) -> Option<FieldProblem> {
        let mut withheld = of.into_iter().filter_map(|role| self.roles.get(&role));
        let name = withheld.next()?;
        Some(FieldProblem::new("roles", "role_withheld").with("name", name))
    }

    /// What is wrong with putting somebody into these groups, or taking them out.
    pub fn groups(&self, of: impl IntoIterator<Item = GroupId>) -> Option<FieldProblem> {
        let mut withheld = of.into_iter().filter(|group| self.withholds_group(*group));
        withheld.next()?;
        Some(FieldProblem::new("groups", "group_withheld"))
    }

    /// Whether a user holds, directly or through a group, what is withheld: whoever could sign in as them would be given it.
    pub async fn is_beyond(&self, reads: &mut impl Reads, user: UserId) -> Result<bool> {
        if self.roles.is_empty() {
            return Ok(false);
        }
        let own = users::roles_of(reads, user).await?;
        let through = roles::through_groups(reads, user).await?;
        let held = own.into_iter().map(|role| RoleId::new(role.id));
        let mut held = held.chain(through.into_iter().map(|(role, _)| role));
        Ok(held.any(|role| self.roles.contains_key(&role)))
    }
}

/// The refusal with what is wrong; none where nothing is.
pub fn refused(problems: impl IntoIterator<Item = FieldProblem>) -> Result<()> {
    let error = Error::new(Code::Forbidden)
        .with("verb", Verb::Change)
        .with("entity", "role");
    let mut problems = problems.into_iter().peekable();
    match problems.peek() {
        None => Ok(()),
        Some(_) => Err(problems.fold(error, Error::field)),
    }
}
