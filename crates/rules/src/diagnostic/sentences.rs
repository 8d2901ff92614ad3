//! The sentences, Spanish and English side by side. `{0}` stands for the first argument, `{?1: …}` for a part that is said
//! only when that argument is there, `{expected}` for what would have been right.

use super::{Code, Diagnostic, Fault, Language};

const fn template(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Unexpected => (
            "Aquí se esperaba {expected}, pero hay {0}.",
            "Expected {expected} here, but found {0}.",
        ),
        Code::UnterminatedText => (
            "Falta la comilla que cierra el texto.",
            "The closing quote of the text is missing.",
        ),
        Code::UnterminatedComment => (
            "Falta «*/» para cerrar el comentario.",
            "The comment is not closed: “*/” is missing.",
        ),
        Code::BadNumber => (
            "El número {0} es demasiado grande.",
            "The number {0} is too large.",
        ),
        Code::BadLiteral => (
            "«{0}» no es una fecha, hora ni duración. Ejemplos: @\"2026-11-21\", @\"10:30:00\", @\"P1D\".",
            "“{0}” is not a date, time or duration. Examples: @\"2026-11-21\", @\"10:30:00\", @\"P1D\".",
        ),
        Code::TooDeep => (
            "La expresión está anidada a más de {0} niveles.",
            "The expression is nested more than {0} levels deep.",
        ),
        Code::TooLong => (
            "El texto supera los {0} bytes.",
            "The text is longer than {0} bytes.",
        ),
        Code::DuplicateEntry => (
            "La entrada «{0}» aparece dos veces.",
            "The entry “{0}” appears twice.",
        ),
        Code::UnknownName => (
            "Aquí no existe «{0}».{?1: ¿Quería decir «{1}»?}",
            "There is no “{0}” here.{?1: Did you mean “{1}”?}",
        ),
        Code::UnknownFunction => (
            "No existe la función «{0}».{?1: ¿Quería decir «{1}»?}",
            "There is no function “{0}”.{?1: Did you mean “{1}”?}",
        ),
        Code::UnknownMember => (
            "{1} no tiene «{0}».{?2: ¿Quería decir «{2}»?}",
            "{1} has no “{0}”.{?2: Did you mean “{2}”?}",
        ),
        Code::UnknownType => ("No existe el tipo «{0}».", "There is no type “{0}”."),
        Code::WrongOperands => (
            "«{0}» no se puede aplicar a {1} y {2}.",
            "“{0}” cannot be applied to {1} and {2}.",
        ),
        Code::NeverEqual => (
            "Se compara {0} con {1}: nunca son iguales.",
            "This compares {0} with {1}: they are never equal.",
        ),
        Code::NotACondition => (
            "Aquí se espera una condición (verdadero o falso), pero esto es {0}.",
            "A condition (true or false) is expected here, but this is {0}.",
        ),
        Code::WrongArgument => (
            "«{0}» espera {2} en «{1}», pero recibe {3}.",
            "“{0}” expects {2} for “{1}”, but is given {3}.",
        ),
        Code::WrongArguments => (
            "«{0}» no se llama así. Se escribe: {1}",
            "“{0}” is not called like this. Write: {1}",
        ),
        Code::NotAFunction => (
            "Esto es {0} y no se puede llamar como función.",
            "This is {0} and cannot be called as a function.",
        ),
        Code::BadDocument => (
            "Este archivo no es un modelo DMN: empieza con {0} en vez de <definitions>.",
            "This file is no DMN model: it begins with {0} instead of <definitions>.",
        ),
        Code::BadXml => (
            "El archivo no es XML correcto (línea {0}): {1}.",
            "The file is not well-formed XML (line {0}): {1}.",
        ),
        Code::BadReference => (
            "«{0}» no se refiere a nada que exista.",
            "“{0}” refers to nothing that exists.",
        ),
        Code::Circle => (
            "«{0}» se requiere a sí mismo, directa o indirectamente.",
            "“{0}” requires itself, directly or through others.",
        ),
    }
}

pub(super) const fn fault(fault: Fault, language: Language) -> &'static str {
    match (fault, language) {
        (Fault::OutOfFuel, Language::Es) => {
            "La regla necesita demasiados pasos y se detuvo. Divídala o reduzca las listas que recorre."
        }
        (Fault::OutOfFuel, Language::En) => {
            "The rule takes too many steps and was stopped. Split it, or shorten the lists it goes through."
        }
        (Fault::TooDeep, Language::Es) => {
            "La regla se llama a sí misma, o anida valores, a demasiada profundidad y se detuvo."
        }
        (Fault::TooDeep, Language::En) => {
            "The rule calls itself, or nests values, too deeply and was stopped."
        }
        (Fault::TooLarge, Language::Es) => {
            "La regla produce demasiados datos y se detuvo. Reduzca los textos o las listas que construye."
        }
        (Fault::TooLarge, Language::En) => {
            "The rule makes too much data and was stopped. Shorten the texts or lists it builds."
        }
        (Fault::UnknownElement, Language::Es) => {
            "El modelo no tiene una decisión o servicio con ese nombre."
        }
        (Fault::UnknownElement, Language::En) => {
            "The model has no decision or service of that name."
        }
        (Fault::HitPolicy, Language::Es) => {
            "Se cumplen más reglas de las que la tabla admite y no dicen lo mismo. Separe sus condiciones o elija otra política."
        }
        (Fault::HitPolicy, Language::En) => {
            "More rules hold than the table allows, and they do not say the same. Part their conditions or choose another policy."
        }
    }
}

pub(super) fn problem(diagnostic: &Diagnostic, language: Language) -> String {
    let ended = diagnostic.code == Code::Unexpected
        && diagnostic.args.first().is_some_and(|found| found == "end");
    let (spanish, english) = if ended {
        (
            "Aquí falta {expected}: el texto termina antes.",
            "The text ends too soon: {expected} is missing here.",
        )
    } else {
        template(diagnostic.code)
    };
    let mut rest = if language == Language::Es {
        spanish
    } else {
        english
    };
    let mut sentence = String::new();
    while let Some(open) = rest.find('{') {
        sentence.push_str(&rest[..open]);
        rest = &rest[open + 1..];
        if let Some(conditional) = rest.strip_prefix('?') {
            // `{?1:text}`, where the text may hold `{1}`.
            let index = argument_index(conditional);
            let argument = diagnostic
                .args
                .get(index)
                .filter(|argument| !argument.is_empty());
            let body = &conditional[2..];
            let inner = format!("{{{index}}}");
            let end = body.find(&inner).map_or(0, |at| at + inner.len());
            let close = body[end..].find('}').map_or(body.len(), |at| at + end);
            if let Some(argument) = argument {
                sentence.push_str(&body[..close].replace(&inner, argument));
            }
            rest = body.get(close + 1..).unwrap_or("");
        } else if let Some(after) = rest.strip_prefix("expected}") {
            sentence.push_str(&expected(&diagnostic.expected, language));
            rest = after;
        } else {
            let argument = diagnostic
                .args
                .get(argument_index(rest))
                .map_or("", String::as_str);
            sentence.push_str(&word(argument, language));
            rest = rest.get(2..).unwrap_or("");
        }
    }
    sentence.push_str(rest);
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => sentence,
    }
}

fn argument_index(text: &str) -> usize {
    text.bytes()
        .next()
        .map_or(0, |byte| usize::from(byte.wrapping_sub(b'0')))
}

fn expected(items: &[String], language: Language) -> String {
    let conjunction = if language == Language::Es {
        " o "
    } else {
        " or "
    };
    // Where something is still open, that is what is missing.
    let open = items
        .iter()
        .any(|item| matches!(item.as_str(), ")" | "]" | "}"));
    let items: Vec<String> = items
        .iter()
        .filter(|item| !(open && *item == "operator"))
        .map(|item| token(item, language))
        .collect();
    match items.split_last() {
        None => token("expression", language),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{}{conjunction}{last}", others.join(", ")),
    }
}

fn token(item: &str, language: Language) -> String {
    let translated = word(item, language);
    if translated != item || matches!(item, "") {
        return translated;
    }
    if language == Language::Es {
        format!("«{item}»")
    } else {
        format!("“{item}”")
    }
}

/// What stands for a kind of thing rather than for itself, in the language's words.
fn word(item: &str, language: Language) -> String {
    let (spanish, english) = match item {
        "expression" => ("una expresión", "an expression"),
        "name" => ("un nombre", "a name"),
        "type" => ("un tipo", "a type"),
        "operator" => ("un operador", "an operator"),
        "text" => ("un texto entre comillas", "a text in quotes"),
        "end" => ("el final", "the end"),
        "xml:close" => (
            "se cierra un elemento que no es el último que se abrió",
            "an element is closed that is not the last one opened",
        ),
        "xml:open" => (
            "falta cerrar un elemento; el archivo puede estar cortado",
            "an element is not closed; the file may be cut off",
        ),
        "xml:prefix" => (
            "un elemento usa un prefijo que no está declarado",
            "an element uses a prefix that is not declared",
        ),
        "xml:entity" => (
            "una referencia «&…;» no es válida; un «&» se escribe «&amp;»",
            "a reference “&…;” is not valid; write “&amp;” for “&”",
        ),
        "xml:attribute" => (
            "un elemento lleva dos veces el mismo atributo",
            "an element has the same attribute twice",
        ),
        "xml:doctype" => (
            "lleva una declaración DOCTYPE, que no se acepta",
            "it has a DOCTYPE declaration, which is not accepted",
        ),
        "xml:empty" => ("no contiene ningún elemento", "there is no element in it"),
        "xml:size" => ("tiene demasiados elementos", "it has too many elements"),
        "xml:syntax" => (
            "aquí hay un signo que no corresponde",
            "there is a sign here that does not belong",
        ),
        "type:Any" => ("cualquier valor", "any value"),
        "type:Null" => ("nulo", "null"),
        "type:number" => ("un número", "a number"),
        "type:string" => ("un texto", "a text"),
        "type:boolean" => ("verdadero o falso", "true or false"),
        "type:date" => ("una fecha", "a date"),
        "type:time" => ("una hora", "a time"),
        "type:date and time" => ("una fecha y hora", "a date and time"),
        "type:days and time duration" => (
            "una duración en días y horas",
            "a duration in days and time",
        ),
        "type:years and months duration" => (
            "una duración en años y meses",
            "a duration in years and months",
        ),
        "type:list" => ("una lista", "a list"),
        "type:context" => ("un contexto", "a context"),
        "type:range" => ("un intervalo", "a range"),
        "type:function" => ("una función", "a function"),
        _ => return quoted(item, language),
    };
    (if language == Language::Es {
        spanish
    } else {
        english
    })
    .to_owned()
}

/// A piece of a text stands in the quotes of the language.
fn quoted(item: &str, language: Language) -> String {
    let inner = item
        .strip_prefix('«')
        .and_then(|rest| rest.strip_suffix('»'));
    match (inner, language) {
        (Some(inner), Language::En) => format!("“{inner}”"),
        _ => item.to_owned(),
    }
}
