//! What can be wrong with a document, with the place and a sentence for people.

use kernel::Language;
use serde::{Deserialize, Serialize};

use crate::model::ElementId;

/// One thing that is wrong, with where it is and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// The element at fault, where there is one.
    pub element: Option<ElementId>,
    /// From 1; 0 where unknown.
    pub line: u32,
    pub column: u32,
    /// Fill `{0}`, `{1}`… of the sentence.
    pub args: Vec<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $es:literal, $en:literal;)*) => {
        /// Stable codes; the sentence of each stands beside it in both languages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ProblemCode {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
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

codes! {
    NotXml = "flow.not_xml",
        "El archivo no es XML válido. Vuelva a exportarlo desde la herramienta que lo creó.",
        "The file is not valid XML. Export it again from the tool that made it.";
    UnknownEncoding = "flow.unknown_encoding",
        "El archivo dice estar en la codificación «{0}», que no se conoce. Vuelva a exportarlo en UTF-8.",
        "The file says that its encoding is “{0}”, which is not known. Export it again as UTF-8.";
    WrongEncoding = "flow.wrong_encoding",
        "El archivo no está bien escrito en {0}: hay un signo que no se puede leer. Si usa otra codificación, nómbrela en la primera línea (encoding=\"…\"), o vuelva a exportarlo en UTF-8.",
        "The file is not proper {0}: it holds a sign that cannot be read. If it uses another encoding, name it in the first line (encoding=\"…\"), or export it again as UTF-8.";
    MislabelledEncoding = "flow.mislabelled_encoding",
        "La primera línea del archivo dice «{0}», pero está escrito en UTF-8. Cámbiela por encoding=\"UTF-8\" e impórtelo otra vez.",
        "The file's first line says “{0}”, but it is written in UTF-8. Change it to encoding=\"UTF-8\" and import it again.";
    TagMismatch = "flow.tag_mismatch",
        "El archivo no es XML válido: se cierra «{0}» donde había que cerrar «{1}».",
        "The file is not valid XML: “{0}” is closed where “{1}” had to be.";
    TagOpen = "flow.tag_open",
        "El archivo está cortado: «{0}» se abre y no se cierra. Vuelva a exportarlo o a descargarlo.",
        "The file is cut short: “{0}” is opened and never closed. Export or download it again.";
    UnknownEntity = "flow.unknown_entity",
        "El archivo usa la entidad «&{0};», que no se admite.",
        "The file uses the entity “&{0};”, which is not supported.";
    UndeclaredPrefix = "flow.undeclared_prefix",
        "El archivo usa el prefijo «{0}» sin declararlo.",
        "The file uses the prefix “{0}” without declaring it.";
    NotBpmn = "flow.not_bpmn",
        "El archivo es XML, pero no BPMN 2.0 (su elemento raíz es «{0}»). Elija un archivo .bpmn.",
        "The file is XML but not BPMN 2.0 (its root element is “{0}”). Choose a .bpmn file.";
    TooLarge = "flow.too_large",
        "El archivo pasa del límite de {0} ({1}). Divida el proceso en varios archivos.",
        "The file exceeds the limit of {0} ({1}). Split the process into several files.";
    Doctype = "flow.doctype",
        "El archivo trae una declaración DOCTYPE, que no se admite por seguridad. Quítela y vuelva a importarlo.",
        "The file has a DOCTYPE declaration, which is refused for safety. Remove it and import again.";
    Empty = "flow.empty",
        "El archivo no contiene ningún proceso.",
        "The file contains no process.";
    DuplicateId = "flow.duplicate_id",
        "El identificador «{0}» está repetido (la primera vez en la línea {1}). Dé a cada elemento uno propio.",
        "The id “{0}” is used twice (first on line {1}). Give each element its own.";
    MissingId = "flow.missing_id",
        "Un elemento «{0}» no tiene identificador.",
        "An element “{0}” has no id.";
    DanglingReference = "flow.dangling_reference",
        "«{0}» se refiere en «{1}» a «{2}», que no existe en el archivo.",
        "“{0}” refers in “{1}” to “{2}”, which is not in the file.";
    MissingReference = "flow.missing_reference",
        "A «{0}» le falta «{1}».",
        "“{0}” lacks “{1}”.";
    NoSuchProcess = "flow.no_such_process",
        "El archivo no contiene el proceso «{0}».",
        "The file does not contain the process “{0}”.";
    NoStart = "flow.no_start",
        "El proceso «{0}» no tiene por dónde empezar. Añada un evento de inicio.",
        "The process “{0}” has nowhere to begin. Add a start event.";
    TwoStarts = "flow.two_starts",
        "El proceso «{0}» tiene más de un inicio simple: «{1}» y «{2}». Deje uno solo, o dé a los otros un mensaje, una señal o un temporizador.",
        "The process “{0}” has more than one plain start: “{1}” and “{2}”. Keep one, or give the others a message, signal or timer.";
    FlowAcrossBorder = "flow.flow_across_border",
        "El flujo «{0}» cruza el borde de un subproceso o de un proceso. Únalos con un evento de borde o un flujo de mensaje.",
        "The flow “{0}” crosses the border of a sub-process or process. Use a boundary event or a message flow.";
    BadCondition = "flow.bad_condition",
        "La expresión «{0}» de «{1}» no se entiende: {2}",
        "The expression “{0}” of “{1}” cannot be understood: {3}";
    BadTimer = "flow.bad_timer",
        "El tiempo «{0}» de «{1}» no se entiende. Escriba, por ejemplo, PT4H, 2026-12-24T18:00:00Z o R3/PT10M.",
        "The time “{0}” of “{1}” cannot be understood. Write PT4H, 2026-12-24T18:00:00Z or R3/PT10M, for example.";
    BadBinding = "flow.bad_binding",
        "Los datos de Engage de «{0}» tienen un error en «{1}»: «{2}».",
        "The Engage data of “{0}” has an error in “{1}”: “{2}”.";
    LinkWithoutTarget = "flow.link_without_target",
        "El enlace «{0}» no tiene ningún evento de enlace que lo reciba.",
        "The link “{0}” has no catching link event.";
    EventNotAllowed = "flow.event_not_allowed",
        "«{0}» no puede llevar un evento de tipo «{1}» en este lugar.",
        "“{0}” cannot carry an event of type “{1}” in this place.";
}

impl Problem {
    pub fn new(code: ProblemCode, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            code,
            element: None,
            line: 0,
            column: 0,
            args: args.into_iter().map(Into::into).collect(),
        }
    }

    pub fn bare(code: ProblemCode) -> Self {
        Self {
            code,
            element: None,
            line: 0,
            column: 0,
            args: Vec::new(),
        }
    }

    #[must_use]
    pub fn at(mut self, line: u32, column: u32) -> Self {
        (self.line, self.column) = (line, column);
        self
    }

    #[must_use]
    pub fn on(mut self, element: &ElementId) -> Self {
        self.element = Some(element.clone());
        self
    }

    /// The sentence to show. The line is named at the end where it is known.
    pub fn sentence(&self, language: Language) -> String {
        let mut sentence = fill(self.code.pattern(language), &self.args);
        if self.line > 0 {
            let place = match language {
                Language::Es => format!(" (Línea {}, columna {}.)", self.line, self.column),
                Language::En => format!(" (Line {}, column {}.)", self.line, self.column),
            };
            sentence.push_str(&place);
        }
        sentence
    }
}

/// Puts `args` in the places `{0}`, `{1}`… of a sentence. What an argument holds is never looked into.
pub(crate) fn fill(pattern: &str, args: &[String]) -> String {
    let mut out = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        let index: Option<usize> = rest[open + 1..open + close].parse().ok();
        out.push_str(
            index
                .and_then(|index| args.get(index))
                .map_or("?", String::as_str),
        );
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_has_the_same_places_in_both_languages() {
        for code in ProblemCode::ALL {
            let places = |language| {
                let mut found: Vec<_> = code
                    .pattern(language)
                    .match_indices('{')
                    .map(|(at, _)| at)
                    .collect();
                found.sort_unstable();
                found.len()
            };
            assert_eq!(
                places(Language::Es),
                places(Language::En),
                "{}",
                code.as_str()
            );
        }
    }

    #[test]
    fn an_argument_is_not_read_as_a_pattern() {
        let problem = Problem::new(ProblemCode::NotBpmn, ["{0}{1}"]).at(3, 7);
        assert_eq!(
            problem.sentence(Language::En),
            "The file is XML but not BPMN 2.0 (its root element is “{0}{1}”). Choose a .bpmn file. (Line 3, column 7.)"
        );
    }
}
