//! Invented people, and what is typed to find them.

use std::fmt::Write as _;

/// As people type: letter by letter, names in any order, numbers from either end.
pub fn questions(people: &mut People, known: &[Person]) -> Vec<String> {
    let mut typed = Vec::new();
    for (i, person) in known.iter().enumerate() {
        let first = |text: &str, n: usize| text.chars().take(n).collect::<String>();
        let few = 1 + people.below(7);
        typed.push(match i % 12 {
            0 => first(person.given, few),
            1 => first(person.surname, few),
            2 => format!("{} {}", first(person.given, 2), first(person.surname, 2)),
            3 => format!("{} {}", first(person.surname, 3), first(person.given, 3)),
            4 => format!("{} {}", person.given, first(person.surname, few)),
            5 => format!(
                "{} {} {}",
                person.given,
                person.surname,
                first(person.second, 1)
            )
            .to_uppercase(),
            6 => first(&person.local, 4 + people.below(5)),
            7 => person.local.chars().skip(4).collect(),
            8 => format!("+54 9 11 {}-{}", &person.local[..4], &person.local[4..]),
            9 => first(&person.cuit, 4 + people.below(8)),
            10 => first(&person.email, 6 + people.below(12)),
            _ => format!("{} {}", person.surname, person.second),
        });
    }
    typed
}

/// Invented people: names as they are common in Spanish, with their phonetic twins, and tax numbers with right check digits.
pub struct People(u64);

pub struct Person {
    given: &'static str,
    surname: &'static str,
    second: &'static str,
    cuit: String,
    local: String,
    email: String,
}

const GIVEN: &[&str] = &[
    "María",
    "José",
    "Juan",
    "Carlos",
    "Ana",
    "Luis",
    "Lucía",
    "Cynthia",
    "Cintia",
    "Yésica",
    "Jésica",
    "Belén",
    "Raúl",
    "Valeria",
    "Iñigo",
    "Joaquín",
    "Martín",
    "Marta",
    "Mario",
    "Miguel",
    "Pedro",
    "Pablo",
    "Sofía",
    "Laura",
    "Elena",
    "Helena",
    "Diego",
    "Andrés",
    "Fernando",
    "Florencia",
    "Graciela",
    "Gustavo",
    "Hernán",
    "Ignacio",
    "Jorge",
    "Julieta",
    "Karina",
    "Carina",
    "Leandro",
    "Lorena",
    "Marcela",
    "Mariana",
    "Matías",
    "Micaela",
    "Natalia",
    "Nicolás",
    "Óscar",
    "Patricia",
    "Ramón",
    "Ricardo",
    "Roberto",
    "Rocío",
    "Rosa",
    "Rubén",
    "Sandra",
    "Santiago",
    "Sebastián",
    "Silvia",
    "Soledad",
    "Susana",
    "Tomás",
    "Verónica",
    "Víctor",
    "Ximena",
    "Jimena",
    "Ángela",
    "Bruno",
    "Camila",
    "Clara",
    "Damián",
    "Emilia",
    "Facundo",
    "Gabriela",
    "Zoé",
    "Walter",
    "Noemí",
];
const SURNAMES: &[&str] = &[
    "González",
    "Gonsales",
    "Rodríguez",
    "López",
    "García",
    "Pérez",
    "Sánchez",
    "Romero",
    "Sosa",
    "Torres",
    "Álvarez",
    "Ruiz",
    "Ramírez",
    "Flores",
    "Acosta",
    "Benítez",
    "Medina",
    "Suárez",
    "Herrera",
    "Aguirre",
    "Pereyra",
    "Gutiérrez",
    "Giménez",
    "Jiménez",
    "Molina",
    "Silva",
    "Castro",
    "Rojas",
    "Ortiz",
    "Núñez",
    "Luna",
    "Juárez",
    "Cabrera",
    "Ríos",
    "Ferreyra",
    "Godoy",
    "Morales",
    "Domínguez",
    "Moreno",
    "Peralta",
    "Vega",
    "Carrizo",
    "Quiroga",
    "Castillo",
    "Ledesma",
    "Muñiz",
    "Ojeda",
    "Ponce",
    "Vera",
    "Vázquez",
    "Vásquez",
    "Villalba",
    "Cardozo",
    "Navarro",
    "Ramos",
    "Arias",
    "Coronel",
    "Córdoba",
    "Figueroa",
    "Correa",
    "Cáceres",
    "Vargas",
    "Maldonado",
    "Mansilla",
    "Farías",
    "Rivero",
    "Paz",
    "Miranda",
    "Roldán",
    "Méndez",
    "Lucero",
    "Cruz",
    "Hernández",
    "Ernandes",
    "Agüero",
    "Páez",
    "Blanco",
    "Mendoza",
    "Barrios",
    "Escobar",
    "Ávila",
    "Soria",
    "Leiva",
    "Acuña",
    "Maidana",
    "Moyano",
    "Campos",
    "Olivera",
    "Duarte",
    "Soto",
    "Franco",
    "Bravo",
    "Valdés",
    "Baldez",
    "Toledo",
    "Andrada",
    "Zárate",
    "Sárate",
    "Llanos",
    "Yanos",
    "Bera",
    "Leston",
    "Müller",
    "Ibáñez",
    "Peña",
    "D'Alessandro",
    "O'Connor",
    "Van der Meer",
    "Etcheverry",
    "Irigoyen",
    "Yrigoyen",
    "Urquiza",
    "Belgrano",
    "Sarmiento",
    "Alberdi",
    "Rivadavia",
    "Saavedra",
    "Moretti",
    "Bianchi",
    "Ferrari",
    "Rossi",
    "Russo",
    "Esposito",
    "Romano",
    "Colombo",
    "Ricci",
    "Marino",
    "Greco",
    "Bruno",
    "Gallo",
    "Conti",
    "De Luca",
    "Costa",
    "Giordano",
];

impl People {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap_or_default()
    }

    fn pick(&mut self, from: &'static [&'static str]) -> &'static str {
        // The first names of the list are the common ones, as in life.
        let (a, b) = (self.below(from.len()), self.below(from.len()));
        from[a.min(b)]
    }

    fn person(&mut self, number: u64) -> Person {
        let (given, surname, second) = (self.pick(GIVEN), self.pick(SURNAMES), self.pick(SURNAMES));
        let local = format!("{:08}", 20_000_000 + self.below(60_000_000));
        let folded = |name: &str| kernel::text::fold(name).replace(' ', "");
        let email = format!("{}.{}{number}@example.com", folded(given), folded(surname));
        Person {
            given,
            surname,
            second,
            cuit: cuit(self.below(3), 1_000_000 + number * 37 % 89_000_000),
            local,
            email,
        }
    }

    pub fn row(&mut self, text: &mut String, number: u64) -> Person {
        let p = self.person(number);
        let (cuit, local) = (&p.cuit, &p.local);
        let day = format!(
            "{}/{}/{}",
            1 + self.below(28),
            1 + self.below(12),
            1940 + self.below(65)
        );
        let balance = format!(
            "{}.{:03},{:02}",
            1 + self.below(250),
            self.below(1_000),
            self.below(100)
        );
        let street = [
            "\"Av. Corrientes 1234, piso 3 \"\"B\"\"\"",
            "Tucumán 540",
            "\"Bv. Oroño 77; local 2\"",
            "Pasaje Ñandú s/n",
        ][self.below(4)];
        let city = [
            "Lima",
            "Montevideo",
            "Buenos Aires",
            "Bogotá",
            "Córdoba",
            "Ciudad de México",
        ][self.below(6)];
        let segment = ["Oro", "Plata", "Bronce", ""][self.below(4)];
        let _ = writeln!(
            text,
            "{} {} {};{}-{}-{};+54 9 11 {}-{};{};{street};{city};{day};{balance};{segment}",
            p.given,
            p.surname,
            p.second,
            &cuit[..2],
            &cuit[2..10],
            &cuit[10..],
            &local[..4],
            &local[4..],
            p.email
        );
        p
    }
}

/// A tax number whose check digit is right; where the rule has none for a prefix, the next number is taken.
fn cuit(prefix: usize, number: u64) -> String {
    let body = format!("{}{number:08}", ["20", "23", "27"][prefix]);
    let sum: u32 = body
        .bytes()
        .zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    match 11 - sum % 11 {
        10 => cuit(prefix, number + 1),
        11 => format!("{body}0"),
        check => format!("{body}{check}"),
    }
}
