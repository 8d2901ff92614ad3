//! What is doubtful about a process while it is being drawn, each with its element and, where there is one, a mend that the
//! designer accepts with one key: commands for [`crate::edit::Editor`].
//!
//! Linear in the size of the document but for the search for deadlocks, which looks at each join once.

mod graph;
mod names;
mod rules;
mod sight;

use kernel::Language;
use serde::{Deserialize, Serialize};

use crate::edit::Command;
use crate::model::{Definitions, ElementId};
use crate::problem::{ProblemCode, fill};

pub use sight::{Reach, Sight, Use};

/// One doubtful place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    pub process: ElementId,
    pub element: ElementId,
    pub args: Vec<String>,
    pub mend: Option<Mend>,
    /// Sentences that another room wrote, such as that of the expression language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<crate::model::Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be published.
    Error,
    /// It can, and will probably not do what was meant.
    Warning,
    /// It could be better.
    Hint,
}

/// What to do about it. Without commands it is nothing that the drawing could mend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mend {
    pub what: MendKind,
    pub args: Vec<String>,
    pub commands: Vec<Command>,
}

macro_rules! sentences {
    ($(#[$doc:meta])* $type:ident { $($name:ident = $code:literal, $es:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($name,)* }

        impl $type {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            const fn pattern(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::Es) => $es, (Self::$name, Language::En) => $en,)*
                }
            }
        }
    };
}

sentences! {
    /// The rules, with their sentences.
    Rule {
        CannotRun = "lint.cannot_run", "{0}", "{0}";
        Unreachable = "lint.unreachable",
            "Nada lleva a «{0}»: nunca se ejecutará.",
            "Nothing leads to “{0}”: it will never run.";
        DeadEnd = "lint.dead_end",
            "Después de «{0}» no hay nada. Si el proceso termina aquí, dígalo con un evento de fin.",
            "Nothing comes after “{0}”. If the process ends here, say so with an end event.";
        Deadlock = "lint.deadlock",
            "«{0}» espera todos sus caminos, pero «{1}» toma solo uno: el proceso puede quedarse parado.",
            "“{0}” waits for all its ways, but “{1}” takes only one: the process may get stuck.";
        Doubled = "lint.doubled",
            "Por «{0}» pasan por separado los caminos que «{1}» abrió a la vez: lo que sigue se hará varias veces.",
            "The ways that “{1}” opened at once go through “{0}” one by one: what follows will be done several times.";
        EndlessLoop = "lint.endless_loop",
            "El ciclo que pasa por «{0}» no espera a nadie: no terminaría nunca.",
            "The loop through “{0}” waits for nobody: it would never end.";
        Unassignable = "lint.unassignable",
            "«{0}» no tiene grupo: nadie la verá en su bandeja.",
            "“{0}” has no group: nobody will see it in their inbox.";
        NoForm = "lint.no_form",
            "«{0}» no tiene formulario.",
            "“{0}” has no form.";
        NoOutcomes = "lint.no_outcomes",
            "«{0}» decide el camino siguiente, pero no tiene resultados entre los que elegir.",
            "“{0}” decides what follows but has no outcomes to choose from.";
        MissingEscalation = "lint.missing_escalation",
            "Si «{0}» no se hace a tiempo, nadie se entera: no tiene escalamiento.",
            "If “{0}” is not done in time nobody hears of it: it has no escalation.";
        NoDefault = "lint.no_default",
            "«{0}» no tiene camino por defecto: si no se cumple ninguna condición, el proceso se detiene.",
            "“{0}” has no default way: if no condition holds, the process stops.";
        NoCondition = "lint.no_condition",
            "«{0}» sale de una decisión sin condición y no es el camino por defecto.",
            "“{0}” leaves a decision without a condition and is not the default.";
        UndefinedVariable = "lint.undefined_variable",
            "«{0}» usa «{1}», que nadie define en este proceso.",
            "“{0}” uses “{1}”, which nobody defines in this process.";
        UnknownOutcome = "lint.unknown_outcome",
            "«{0}» pregunta por el resultado «{1}», que ninguna actividad tiene.",
            "“{0}” asks for the outcome “{1}”, which no activity has.";
        NoTransaction = "lint.no_transaction",
            "«{0}» no dice qué transacción ejecuta.",
            "“{0}” does not say which transaction it runs.";
        NoDecision = "lint.no_decision",
            "«{0}» no dice qué tabla de decisión usa.",
            "“{0}” does not say which decision table it uses.";
        NoCalledProcess = "lint.no_called_process",
            "«{0}» no dice a qué proceso llama.",
            "“{0}” does not say which process it calls.";
        NoTime = "lint.no_time",
            "El temporizador «{0}» no tiene tiempo.",
            "The timer “{0}” has no time.";
        Unnamed = "lint.unnamed",
            "«{0}» no tiene nombre: en la bandeja saldrá sin título.",
            "“{0}” has no name: it will appear without a title in the inbox.";
        NotDrawn = "lint.not_drawn",
            "«{0}» no está dibujado.",
            "“{0}” is not drawn.";
        PermissionHole = "lint.permission_hole",
            "En «{0}», la gente de «{1}» no puede ver o llenar: {2}.",
            "In “{0}”, the people of “{1}” may not see or fill in: {2}.";
        NotExecutable = "lint.not_executable",
            "El proceso «{0}» está marcado como no ejecutable.",
            "The process “{0}” is marked as not executable.";
    }
}

sentences! {
    /// The mends, with their sentences.
    MendKind {
        Remove = "mend.remove", "Quitar «{0}»", "Remove “{0}”";
        AddEnd = "mend.add_end", "Poner un evento de fin después de «{0}»", "Put an end event after “{0}”";
        Exclusive = "mend.exclusive", "Convertir «{0}» en una unión exclusiva", "Make “{0}” an exclusive merge";
        Inclusive = "mend.inclusive", "Convertir «{0}» en una unión inclusiva", "Make “{0}” an inclusive join";
        Parallel = "mend.parallel", "Convertir «{0}» en una unión paralela", "Make “{0}” a parallel join";
        SetDefault = "mend.set_default", "Tomar «{0}» como camino por defecto", "Take “{0}” as the default way";
        AddEscalation = "mend.add_escalation", "Escalar «{0}» a {1} después de {2}", "Escalate “{0}” to {1} after {2}";
        AddOutcomes = "mend.add_outcomes", "Dar a «{0}» los resultados de sus condiciones: {1}", "Give “{0}” the outcomes of its conditions: {1}";
        Draw = "mend.draw", "Dibujar de nuevo el diagrama", "Draw the diagram anew";
        MakeExecutable = "mend.make_executable", "Marcarlo como ejecutable", "Mark it as executable";
        UseLane = "mend.use_lane", "Asignarla al grupo «{1}», como las demás de su carril", "Assign it to the group “{1}”, like the others of its lane";
        GiveTo = "mend.give_to", "Dar «{0}» al grupo «{1}», que puede", "Give “{0}” to the group “{1}”, which may";
        Grant = "mend.grant", "Conceder a «{0}» en Configuración: {1}", "Grant “{0}” in Settings: {1}";
        Meant = "mend.meant", "Quiso decir «{0}»", "“{0}” was meant";
        Rename = "mend.rename", "Llamarla «{1}»", "Call it “{1}”";
    }
}

impl Finding {
    pub fn sentence(&self, language: Language) -> String {
        if let Some(detail) = &self.detail {
            return detail.get(language).to_owned();
        }
        fill(self.rule.pattern(language), &self.args)
    }
}

impl Mend {
    pub fn sentence(&self, language: Language) -> String {
        fill(self.what.pattern(language), &self.args)
    }
}

/// Everything doubtful in a document, worst first, then in the order of the document.
pub fn lint(definitions: &Definitions) -> Vec<Finding> {
    lint_seen(definitions, None)
}

/// The same, with what is known of forms and permissions.
pub fn lint_seen(definitions: &Definitions, sight: Option<&Sight>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for process in &definitions.processes {
        rules::check(definitions, process, sight, &mut findings);
        if let Some(sight) = sight {
            sight::check(process, sight, &mut findings);
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Problems for which a plan cannot be made are findings too.
pub(crate) fn severity_of(code: ProblemCode) -> Severity {
    match code {
        // Several plain starts are allowed by the standard; we need to know which one is meant.
        ProblemCode::Empty => Severity::Warning,
        _ => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_the_same_places_in_both_languages() {
        let places = |pattern: &str| {
            let mut found: Vec<&str> = pattern
                .match_indices('{')
                .map(|(at, _)| &pattern[at..at + 3])
                .collect();
            found.sort_unstable();
            found.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        for rule in Rule::ALL {
            assert_eq!(
                places(rule.pattern(Language::Es)),
                places(rule.pattern(Language::En)),
                "{}",
                rule.code()
            );
        }
        for mend in MendKind::ALL {
            assert_eq!(
                places(mend.pattern(Language::Es)),
                places(mend.pattern(Language::En)),
                "{}",
                mend.code()
            );
        }
    }
}
