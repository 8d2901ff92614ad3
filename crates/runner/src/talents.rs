//! What handing out work goes by beside groups: who can do what how well, and who stands in for whom.

use kernel::{Code, Error, FieldProblem, Id, Moment, Result};
use ledger::{Actor, User, audit};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use store::{Reads, Tx};

use crate::runner::Runner;

/// A skill, with how well: 1 is a beginner, 5 a master.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct Skill {
    pub skill: String,
    pub level: i64,
}

/// A skill that somebody has: how many, and how well the best of them.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct KnownSkill {
    pub skill: String,
    pub people: i64,
    pub level: i64,
}

/// Who stands in, from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct Deputy {
    pub deputy: Id<User>,
    pub begins: Moment,
    pub ends: Moment,
}

store::statements! {
    SKILLS = "SELECT skill, level FROM assignment_skill WHERE user_id = $1 ORDER BY skill";
    SKILLED = "SELECT user_id, level FROM assignment_skill WHERE skill = $1 AND level >= $2";
    KNOWN = "SELECT skill, COUNT(*) AS people, MAX(level) AS level FROM assignment_skill GROUP BY skill ORDER BY skill";
    INSERT = "INSERT INTO assignment_skill (user_id, skill, level) VALUES ($1, $2, $3)";
    CLEAR = "DELETE FROM assignment_skill WHERE user_id = $1";
    DEPUTY = "SELECT deputy, begins, ends FROM assignment_deputy WHERE user_id = $1";
    SET_DEPUTY = "INSERT INTO assignment_deputy (user_id, deputy, begins, ends) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET deputy = excluded.deputy, begins = excluded.begins, ends = excluded.ends";
    NO_DEPUTY = "DELETE FROM assignment_deputy WHERE user_id = $1";
}

pub async fn skills(reads: &mut impl Reads, user: Id<User>) -> Result<Vec<Skill>> {
    store::fetch_all!(reads, Skill, SKILLS, user)
}

/// All skills that somebody has.
pub async fn known_skills(reads: &mut impl Reads) -> Result<Vec<KnownSkill>> {
    store::fetch_all!(reads, KnownSkill, KNOWN)
}

pub async fn deputy(reads: &mut impl Reads, user: Id<User>) -> Result<Option<Deputy>> {
    store::fetch_optional!(reads, Deputy, DEPUTY, user)
}

/// Who has the skill at this level at least.
pub(crate) async fn skilled(
    reads: &mut impl Reads,
    skill: &str,
    level: i64,
) -> Result<Vec<(Id<User>, i64)>> {
    store::fetch_all!(reads, (Id<User>, i64), SKILLED, skill, level)
}

/// `english:3`: the skill and the least level, 1 where none is said.
pub(crate) fn wanted(text: &str) -> (&str, i64) {
    match text.rsplit_once(':') {
        Some((skill, level)) => match level.trim().parse() {
            Ok(level) => (skill.trim(), level),
            Err(_) => (text.trim(), 1),
        },
        None => (text.trim(), 1),
    }
}

impl Runner {
    /// All skills of a user, instead of those in `seen`: [`Code::Stale`] where they are others by now.
    pub async fn set_skills_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        user: Id<User>,
        seen: &[Skill],
        new: &[Skill],
    ) -> Result<()> {
        for (at, skill) in new.iter().enumerate() {
            if skill.skill.trim().is_empty() || skill.skill.contains(':') {
                return Err(Error::invalid(format!("skills[{at}].skill"), "bad_key"));
            }
            if !(1..=5).contains(&skill.level) {
                return Err(
                    FieldProblem::new(format!("skills[{at}].level"), "out_of_range")
                        .with("least", 1)
                        .with("most", 5)
                        .into(),
                );
            }
            if new[..at].iter().any(|before| before.skill == skill.skill) {
                return Err(
                    FieldProblem::new(format!("skills[{at}].skill"), "duplicate_key")
                        .with("key", &skill.skill)
                        .into(),
                );
            }
        }
        let before = skills(tx, user).await?;
        if by_name(&before) != by_name(seen) {
            return Err(Error::new(Code::Stale));
        }
        store::execute!(tx, CLEAR, user)?;
        for skill in new {
            store::execute!(tx, INSERT, user, skill.skill.as_str(), skill.level)?;
        }
        let entry = audit::Entry::new("user.skills", "runner", "user")
            .of(user)
            .changed(Some(&by_name(&before)), Some(&by_name(new)));
        audit::record(tx, self.inner().ambient.now(), actor, entry);
        Ok(())
    }

    /// Who stands in for a user; `None`: nobody.
    pub async fn set_deputy_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        user: Id<User>,
        new: Option<&Deputy>,
    ) -> Result<()> {
        let before = deputy(tx, user).await?;
        match new {
            Some(new) if new.deputy == user => {
                return Err(Error::invalid("deputy", "not_an_option"));
            }
            Some(new) if new.ends <= new.begins => {
                return Err(FieldProblem::new("ends", "too_early")
                    .with("min", new.begins)
                    .into());
            }
            Some(new) => {
                store::execute!(tx, SET_DEPUTY, user, new.deputy, new.begins, new.ends)?;
            }
            None => {
                store::execute!(tx, NO_DEPUTY, user)?;
            }
        }
        let entry = audit::Entry::new("user.deputy", "runner", "user")
            .of(user)
            .changed(before.as_ref(), new);
        audit::record(tx, self.inner().ambient.now(), actor, entry);
        Ok(())
    }
}

fn by_name(skills: &[Skill]) -> std::collections::BTreeMap<&str, i64> {
    skills
        .iter()
        .map(|skill| (skill.skill.as_str(), skill.level))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn a_skill_says_its_least_level_or_none() {
        assert_eq!(wanted("english"), ("english", 1));
        assert_eq!(wanted("english:3"), ("english", 3));
        assert_eq!(wanted(" trade finance : 5 "), ("trade finance", 5));
        assert_eq!(wanted("a:b"), ("a:b", 1));
    }
}
