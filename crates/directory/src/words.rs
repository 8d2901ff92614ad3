//! The words of which common passwords are made. A password of twelve characters is rarely in a list of leaked ones as it
//! stands, but it is often such words, years and runs of the keyboard strung together: those are looked for.

/// Lower case, no accents, at least three letters.
pub(crate) const COMMON: &[&str] = &[
    // Said outright.
    "password",
    "passwort",
    "passphrase",
    "passw",
    "pass",
    "contrasena",
    "contrasenia",
    "clave",
    "secreto",
    "secreta",
    "secret",
    "access",
    "acceso",
    "entrar",
    "abrete",
    "sesamo",
    "opensesame",
    "letmein",
    "login",
    "logon",
    "signin",
    "ingreso",
    "ingresar",
    "welcome",
    "bienvenido",
    "bienvenida",
    "bienvenidos",
    "hola",
    "hello",
    "changeme",
    "cambiame",
    "cambiar",
    "change",
    "default",
    "defecto",
    "initial",
    "inicial",
    "temporal",
    "temporary",
    "temp",
    "test",
    "testing",
    "prueba",
    "pruebas",
    "probando",
    "demo",
    "example",
    "ejemplo",
    "sample",
    "guest",
    "invitado",
    "user",
    "usuario",
    "usuarios",
    "admin",
    "administrator",
    "administrador",
    "administradora",
    "root",
    "system",
    "sistema",
    "sistemas",
    "master",
    "maestro",
    "manager",
    "gerente",
    "supervisor",
    "operator",
    "operador",
    "agente",
    "agent",
    "support",
    "soporte",
    "service",
    "servicio",
    "servidor",
    "server",
    "security",
    "seguridad",
    "seguro",
    "segura",
    "secure",
    "empresa",
    "company",
    "company1",
    "oficina",
    "office",
    "trabajo",
    "cliente",
    "clientes",
    "customer",
    "engage",
    "banco",
    "bank",
    "cuenta",
    "account",
    "computer",
    "computadora",
    "internet",
    "windows",
    "linux",
    "android",
    "iphone",
    "samsung",
    "google",
    "facebook",
    "oracle",
    "mysql",
    "postgres",
    "microsoft",
    "apple",
    "database",
    "trustno",
    "whatever",
    "nothing",
    "nada",
    "qwerty",
    // Keyboards.
    "qwertyuiop",
    "qwert",
    "asdfghjkl",
    "asdfgh",
    "asdf",
    "zxcvbnm",
    "zxcvbn",
    "zxcv",
    "qazwsx",
    "qazwsxedc",
    "edcrfv",
    "rfvtgb",
    "poiuytrewq",
    "lkjhgfdsa",
    "mnbvcxz",
    "azerty",
    "qwertz",
    "qweasd",
    "qweasdzxc",
    "asdzxc",
    "abcdef",
    "abcdefgh",
    "abc",
    "abcd",
    "xyz",
    "aaa",
    "xxx",
    // Persons and endearments.
    "iloveyou",
    "teamo",
    "tequiero",
    "miamor",
    "amor",
    "amore",
    "love",
    "lover",
    "corazon",
    "princesa",
    "princess",
    "princes",
    "bonita",
    "hermosa",
    "linda",
    "preciosa",
    "carino",
    "bebe",
    "baby",
    "angel",
    "angelito",
    "sunshine",
    "shadow",
    "monkey",
    "dragon",
    "tigre",
    "tiger",
    "leon",
    "lion",
    "gatito",
    "perro",
    "perrito",
    "kitty",
    "puppy",
    "estrella",
    "star",
    "luna",
    "moon",
    "sol",
    "mariposa",
    "butterfly",
    "flower",
    "flor",
    "rosa",
    "familia",
    "family",
    "mama",
    "papa",
    "mami",
    "papi",
    "hijos",
    "michael",
    "miguel",
    "jordan",
    "daniel",
    "daniela",
    "david",
    "maria",
    "jose",
    "juan",
    "carlos",
    "luis",
    "jorge",
    "pedro",
    "pablo",
    "diego",
    "andres",
    "andrea",
    "fernando",
    "fernanda",
    "alejandro",
    "alejandra",
    "gabriel",
    "gabriela",
    "carolina",
    "natalia",
    "valentina",
    "camila",
    "sofia",
    "lucia",
    "martin",
    "mateo",
    "santiago",
    "sebastian",
    "nicolas",
    "matias",
    "ashley",
    "jessica",
    "jennifer",
    "michelle",
    "charlie",
    "thomas",
    "robert",
    "george",
    "andrew",
    "joshua",
    "matthew",
    // Games, sport, heroes.
    "football",
    "futbol",
    "soccer",
    "baseball",
    "basketball",
    "hockey",
    "boca",
    "bocajuniors",
    "river",
    "riverplate",
    "barcelona",
    "realmadrid",
    "madrid",
    "america",
    "chivas",
    "messi",
    "maradona",
    "ronaldo",
    "superman",
    "batman",
    "spiderman",
    "pokemon",
    "starwars",
    "naruto",
    "goku",
    "minecraft",
    "fortnite",
    "killer",
    "ninja",
    "hunter",
    "ranger",
    "mustang",
    "harley",
    "ferrari",
    "mercedes",
    "corvette",
    "money",
    "dinero",
    "cheese",
    "chocolate",
    "pepper",
    "cookie",
    "banana",
    "orange",
    "naranja",
    "summer",
    "verano",
    "winter",
    "invierno",
    "spring",
    "primavera",
    "autumn",
    "otono",
    // Days, months, places, faith.
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "argentina",
    "mexico",
    "colombia",
    "chile",
    "peru",
    "espana",
    "spain",
    "uruguay",
    "venezuela",
    "ecuador",
    "bolivia",
    "paraguay",
    "bogota",
    "lima",
    "caracas",
    "quito",
    "buenosaires",
    "london",
    "newyork",
    "jesus",
    "jesuschrist",
    "cristo",
    "dios",
    "diosesamor",
    "god",
    "faith",
    "blessed",
    "bendicion",
    "heaven",
    // Glue.
    "the",
    "and",
    "con",
    "por",
    "para",
    "mis",
    "los",
    "las",
    "del",
    "forever",
    "siempre",
    "new",
    "nuevo",
    "nueva",
    "mio",
    "mia",
    "uno",
    "dos",
    "tres",
    "one",
    "two",
    "three",
    "number",
    "numero",
];

/// Whether a password is nothing but common words, digits in a row, years, repetitions and signs.
pub(crate) fn is_common(password: &str) -> bool {
    let plain: Vec<char> = kernel_fold(password);
    if plain.is_empty() || is_repetition(&plain) {
        return true;
    }
    // `worth[i]`: how few characters before place `i` cannot be explained.
    let mut worth = vec![usize::MAX; plain.len() + 1];
    worth[0] = 0;
    for at in 0..plain.len() {
        let here = worth[at];
        let mut reach = |length: usize, unexplained: usize| {
            let to = &mut worth[at + length];
            *to = (*to).min(here + unexplained);
        };
        reach(1, usize::from(plain[at].is_alphanumeric()));
        for word in COMMON {
            let length = word.len();
            if plain.len() - at >= length
                && word
                    .chars()
                    .zip(&plain[at..])
                    .all(|(w, p)| w == *p || w == unleet(*p))
            {
                reach(length, 0);
            }
        }
        reach(run(&plain[at..]), 0);
    }
    // Three characters of one's own are no secret.
    worth[plain.len()] <= 3
}

/// Lower case without accents; signs stay, to be skipped.
fn kernel_fold(password: &str) -> Vec<char> {
    password
        .chars()
        .flat_map(|c| {
            let folded = kernel::text::fold(&c.to_string());
            if folded.is_empty() {
                vec![c]
            } else {
                folded.chars().collect()
            }
        })
        .collect()
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}

/// The same piece again and again: `abcabcabcabc`.
fn is_repetition(text: &[char]) -> bool {
    (1..=text.len() / 2)
        .filter(|n| text.len() >= n * 2 && *n <= 6)
        .any(|n| text.iter().enumerate().all(|(i, c)| *c == text[i % n]))
}

/// How long the run is that begins here: digits or letters that go up, down or stay (`1234`, `9876`, `aaaa`), or a year.
fn run(text: &[char]) -> usize {
    let step = |a: char, b: char| (u32::from(b)).wrapping_sub(u32::from(a));
    let mut length = 1;
    if let [a, b, ..] = text {
        let first = step(*a, *b);
        if a.is_alphanumeric() && matches!(first, 0 | 1 | u32::MAX) {
            length = 1 + text
                .windows(2)
                .take_while(|w| step(w[0], w[1]) == first)
                .count();
        }
    }
    let is_year = text.len() >= 4
        && text[..4].iter().all(char::is_ascii_digit)
        && (text.starts_with(&['1', '9']) || text.starts_with(&['2', '0']));
    let length = if length >= 3 { length } else { 0 };
    length.max(if is_year { 4 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strung_together_is_common() {
        for password in [
            "password1234",
            "Contraseña2026!",
            "P@ssw0rd2025",
            "qwertyuiop12",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "administrador",
            "Bienvenido.2026",
            "BocaJuniors1905",
            "teamomiamor.123",
            "Admin-Engage-01",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn of_ones_own_is_not() {
        for password in [
            "correct horse battery staple",
            "el tren sale a las ocho",
            "vX9#kq2LmTz!",
            "pingüinos en la heladera",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
