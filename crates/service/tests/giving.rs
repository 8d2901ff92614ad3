//! Nobody gives anybody, themself included, more than they may give: by no role, no group, no list, no password and no
//! dissolved unit. On both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use api::path;
use house::{ADMIN, FIRST, House, PASSWORD};
use serde_json::{Value, json};

const DEMO: &str = "violeta-lluvia-tren";
const NEW_PASSWORD: &str = "otra frase larga y nueva";

fn all(entity: &str, verbs: &[&str]) -> Value {
    json!({"target": {"entity": entity}, "verbs": verbs})
}

fn when(mut grant: Value, field: &str, value: &str) -> Value {
    grant["condition"] =
        json!({"compare": {"field": field, "comparison": "equal", "value": {"text": value}}});
    grant
}

fn denied(entity: &str, field: &str, verbs: &[&str]) -> Value {
    json!({"target": {"field": {"entity": entity, "field": field}}, "verbs": verbs, "effect": "deny"})
}

/// Whoever manages users and groups, and may only look at roles.
fn managing() -> Vec<Value> {
    vec![
        all("user", &["read", "create", "change"]),
        all("group", &["read", "create", "change", "delete"]),
        all("role", &["read"]),
    ]
}

struct World<'a> {
    house: &'a House,
    admin: String,
}

impl<'a> World<'a> {
    async fn of(house: &'a House) -> Self {
        let admin = house.sign_in(ADMIN, PASSWORD).await;
        let world = Self { house, admin };
        for (group, role) in [
            ("chiefs", Some("administrator")),
            ("desk", Some("agent")),
            ("choir", None),
        ] {
            let new = json!({"key": group, "name": group, "description": ""});
            assert_eq!(world.ask("", "POST", path::GROUPS, new).await.0, 201);
            if let Some(role) = role {
                let place = path::fill(path::ROLE_GROUP, &[role, group]);
                assert_eq!(world.ask("", "PUT", &place, Value::Null).await.0, 200);
            }
        }
        world
    }

    /// As the administrator where nobody is named. The status, and the codes of what is wrong.
    async fn ask(&self, token: &str, method: &str, place: &str, body: Value) -> (u16, String) {
        let token = if token.is_empty() { &self.admin } else { token };
        let (status, told) = self.house.call(token, method, place, body).await;
        let fields = told["fields"].as_array().cloned().unwrap_or_default();
        let codes: Vec<_> = fields.iter().map(|f| f["code"].as_str().unwrap()).collect();
        (status, codes.join(" "))
    }

    /// Somebody with a role of their own: their id, and their session.
    async fn somebody(&self, login: &str, grants: Vec<Value>) -> (String, String) {
        let role = json!({"key": login, "name": login, "description": "", "grants": grants});
        assert_eq!(
            self.ask("", "POST", path::ROLES, role).await,
            (201, String::new())
        );
        let made = self.house.add_user(&self.admin, login, &[login]).await;
        (id(&made), self.house.settle(login).await)
    }

    async fn person(&self, login: &str, roles: &[&str], groups: &[&str]) -> String {
        let made = self.house.add_user(&self.admin, login, roles).await;
        for group in groups {
            let place = path::fill(path::GROUP_MEMBER, &[group, made["id"].as_str().unwrap()]);
            assert_eq!(self.ask("", "PUT", &place, Value::Null).await.0, 200);
        }
        id(&made)
    }

    async fn user(&self, token: &str, id: &str) -> Value {
        let token = if token.is_empty() { &self.admin } else { token };
        self.house
            .get(token, &path::fill(path::USER, &[id]))
            .await
            .1
    }

    async fn patch(&self, token: &str, id: &str, mut change: Value) -> (u16, String) {
        change["version"] = self.user("", id).await["version"].clone();
        self.ask(token, "PATCH", &path::fill(path::USER, &[id]), change)
            .await
    }

    async fn put(&self, token: &str, id: &str, change: impl FnOnce(&mut Value)) -> (u16, String) {
        let mut user = self.user("", id).await;
        let keys = |list: &Value| -> Vec<Value> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|one| one["key"].clone())
                .collect()
        };
        (user["roles"], user["groups"]) =
            (json!(keys(&user["roles"])), json!(keys(&user["groups"])));
        change(&mut user);
        self.ask(token, "PUT", &path::fill(path::USER, &[id]), user)
            .await
    }

    /// What a list of users would do, and whether it was done: the codes of its rows.
    async fn brought(&self, token: &str, text: &str) -> (bool, String) {
        let (status, told) = self
            .house
            .call(
                token,
                "POST",
                path::ORGANISATION_IMPORT,
                json!({"name": "x.csv", "text": text}),
            )
            .await;
        assert_eq!(status, 200, "{told}");
        let problems = told["problems"].as_array().unwrap().iter();
        let codes: Vec<_> = problems
            .map(|p| p["problem"]["code"].as_str().unwrap())
            .collect();
        (told["done"].as_bool().unwrap(), codes.join(" "))
    }
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

fn held(user: &Value, what: &str) -> Vec<String> {
    user[what]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].as_str().unwrap().to_owned())
        .collect()
}

fn no(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

fn yes(status: u16) -> (u16, String) {
    (status, String::new())
}

on_both! {
    async fn a_group_gives_no_more_than_whoever_fills_it(house: House) {
        let world = World::of(house).await;
        let (mara, hers) = world.somebody("mara", managing()).await;
        let mut with_agents = managing();
        with_agents.push(when(all("role", &["change"]), "key", "agent"));
        let (gil, his) = world.somebody("gil", with_agents).await;
        let chief = world.person("jefa", &[], &["chiefs"]).await;

        // Herself, another, a new one; by the user, by the group, by a list.
        let mut ways = Vec::new();
        for group in ["chiefs", "desk"] {
            ways.push(world.patch(&hers, &mara, json!({"groups": [group]})).await);
            ways.push(world.put(&hers, &mara, |user| user["groups"] = json!([group])).await);
            let new = json!({"login": "nueva", "name": "Nueva", "groups": [group]});
            ways.push(world.ask(&hers, "POST", path::USERS, new).await);
            ways.push(world.ask(&hers, "PUT", &path::fill(path::GROUP_MEMBER, &[group, &mara]), Value::Null).await);
            ways.push(world.ask(&hers, "DELETE", &format!("{}?version=1", path::fill(path::GROUP, &[group])), Value::Null).await);
        }
        // Out of it, too: a role may deny.
        ways.push(world.patch(&hers, &chief, json!({"groups": []})).await);
        ways.push(world.ask(&hers, "DELETE", &path::fill(path::GROUP_MEMBER, &["chiefs", &chief]), Value::Null).await);
        ways.push(world.ask(&his, "PUT", &path::fill(path::GROUP_MEMBER, &["chiefs", &gil]), Value::Null).await);
        for (at, way) in ways.into_iter().enumerate() {
            assert_eq!(way, no("group_withheld"), "way {at}");
        }
        let withheld = (false, "group_withheld group_withheld".to_owned());
        let list = "login,name,groups\nmara,Persona mara,chiefs\nnueva,Nueva,desk|choir\n";
        assert_eq!(world.brought(&hers, list).await, withheld);
        assert_eq!(world.brought(&his, "login,groups\njefa,\n").await, (false, "group_withheld".to_owned()));
        assert_eq!(held(&world.user("", &mara).await, "groups"), Vec::<String>::new());
        assert_eq!(held(&world.user("", &chief).await, "groups"), ["chiefs"]);

        // What holds nothing, or only what one may give.
        assert_eq!(world.patch(&hers, &mara, json!({"groups": ["choir"]})).await, yes(200));
        assert_eq!(world.put(&his, &mara, |user| user["groups"] = json!(["choir", "desk"])).await, yes(200));
        assert_eq!(world.patch(&hers, &mara, json!({"name": "Mara", "groups": ["choir", "desk"]})).await, yes(200));
        assert_eq!(world.ask(&his, "DELETE", &path::fill(path::GROUP_MEMBER, &["desk", &mara]), Value::Null).await, yes(200));
        assert_eq!(world.brought(&his, "login,name,groups\nnueva,Nueva,desk|choir\n").await, (true, String::new()));
        assert_eq!(held(&world.user("", &mara).await, "groups"), ["choir"]);
        // The screen offers the same.
        let (_, groups) = house.get(&his, path::GROUPS).await;
        let offered: Vec<_> = groups["items"].as_array().unwrap().iter().filter(|g| g["givable"] == true).map(|g| g["key"].as_str().unwrap()).collect();
        assert!(offered.contains(&"desk") && !offered.contains(&"chiefs"), "{offered:?}");
    }

    async fn a_role_is_given_by_whoever_may_change_that_role(house: House) {
        let world = World::of(house).await;
        let mut with_agents = managing();
        with_agents.push(when(all("role", &["change"]), "key", "agent"));
        let (gil, his) = world.somebody("gil", with_agents).await;
        let (other, _) = world.somebody("otra", Vec::new()).await;
        let chief = world.person("jefa", &["administrator"], &[]).await;

        let to = |role: &str| json!({"roles": ["gil", role]});
        assert_eq!(world.patch(&his, &gil, to("administrator")).await, no("role_withheld"));
        assert_eq!(world.put(&his, &gil, |user| user["roles"] = json!(["gil", "supervisor"])).await, no("role_withheld"));
        assert_eq!(world.patch(&his, &chief, json!({"roles": ["agent"]})).await, no("role_withheld"));
        let new = |role: &str| json!({"login": format!("con_{role}"), "name": "Con", "roles": [role]});
        assert_eq!(world.ask(&his, "POST", path::USERS, new("administrator")).await, no("role_withheld"));
        assert_eq!(world.brought(&his, "login,roles\ngil,gil|administrator\njefa,\n").await, (false, "role_withheld role_withheld".to_owned()));
        assert_eq!(world.ask(&his, "PUT", &path::fill(path::ROLE_GROUP, &["administrator", "choir"]), Value::Null).await.0, 403);
        assert_eq!(held(&world.user("", &gil).await, "roles"), ["gil"]);

        assert_eq!(world.patch(&his, &gil, to("agent")).await, yes(200));
        assert_eq!(world.ask(&his, "POST", path::USERS, new("agent")).await, yes(201));
        assert_eq!(world.brought(&his, "login,roles\notra,otra|agent\n").await, (true, String::new()));
        assert_eq!(held(&world.user("", &other).await, "roles"), ["agent", "otra"]);
        assert_eq!(world.ask(&his, "PUT", &path::fill(path::ROLE_GROUP, &["agent", "choir"]), Value::Null).await, yes(200));
        // To a group that one may not change, nothing is given.
        let (_, hers) = world.somebody("rita", vec![all("group", &["read"]), all("role", &["read", "change"])]).await;
        assert_eq!(world.ask(&hers, "PUT", &path::fill(path::ROLE_GROUP, &["agent", "chiefs"]), Value::Null).await, no(""));

        // What signing in asks of whom: the same.
        let asks = |roles: &[&str]| json!({"second_factor_roles": roles});
        assert_eq!(world.ask(&his, "PUT", path::SIGN_IN_POLICY, asks(&["administrator"])).await, no("role_not_changeable"));
        assert_eq!(world.ask("", "PUT", path::SIGN_IN_POLICY, asks(&["supervisor"])).await, yes(204));
        assert_eq!(world.ask(&his, "PUT", path::SIGN_IN_POLICY, asks(&[])).await, no("role_not_changeable"));
        let (_, both) = world.somebody("uno", vec![when(all("role", &["read", "change"]), "key", "back_office")]).await;
        assert_eq!(house.get(&both, path::SIGN_IN_POLICY).await.1, asks(&[]));
        assert_eq!(world.ask(&both, "PUT", path::SIGN_IN_POLICY, asks(&["back_office"])).await, yes(204));
        let (_, mut now) = house.get(&world.admin, path::SIGN_IN_POLICY).await;
        now["second_factor_roles"].as_array_mut().unwrap().sort_by_key(Value::to_string);
        assert_eq!(now, asks(&["back_office", "supervisor"]));

        // A list writes no field that its bringer may not write.
        let (_, poor) = world.somebody("poca", vec![all("user", &["read", "change"]), denied("user", "email", &["change"])]).await;
        assert_eq!(world.brought(&poor, "login,name,email\notra,Otra Más,x@example.org\n").await, (false, "field_forbidden".to_owned()));
        assert_eq!(world.brought(&poor, "login,name\notra,Otra Más\n").await, (true, String::new()));
        // Nor does it write over what they do not see, or say how it was.
        let (_, dim) = world.somebody("turbia", vec![all("user", &["read", "change"]), denied("user", "groups", &["read"])]).await;
        assert_eq!(world.brought(&dim, "login,groups\notra,choir\n").await, (false, "field_forbidden".to_owned()));
        assert_eq!(world.patch(&dim, &other, json!({"groups": []})).await, no("field_forbidden"));
        // Who may only make users of one kind makes no others.
        let (_, some) = world.somebody("algo", vec![all("user", &["read"]), when(all("user", &["create"]), "login", "permitida")]).await;
        let named = |login: &str| json!({"login": login, "name": login});
        assert_eq!(world.ask(&some, "POST", path::USERS, named("otra_mas")).await, no(""));
        assert_eq!(world.ask(&some, "POST", path::USERS, named("permitida")).await, yes(201));
    }

    async fn nobody_signs_in_as_somebody_who_may_more(house: House) {
        let world = World::of(house).await;
        let helping = |fields: &[&str]| {
            let mut grants = vec![
                all("user", &["read", "change"]),
                all("role", &["read"]),
                when(all("role", &["change"]), "key", "agent"),
                denied("role", "*", &["change"]),
            ];
            grants.extend(fields.iter().map(|field| denied("user", field, &["change"])));
            grants
        };
        let (_, help) = world.somebody("ayuda", helping(&[])).await;
        let (_, less) = world.somebody("menos", helping(&["password"])).await;
        let (_, least) = world.somebody("nada", helping(&["second_factor"])).await;
        let agent = world.person("ana", &["agent"], &["choir"]).await;
        let chief = world.person("jefa", &["agent"], &["chiefs"]).await;
        let direct = world.person("jefe", &["administrator"], &[]).await;

        let at = |template: &str, id: &str| path::fill(template, &[id]);
        let password = json!({"password": NEW_PASSWORD, "must_change": false});
        let mut ways = Vec::new();
        for whom in [&chief, &direct] {
            ways.push(world.ask(&help, "PUT", &at(path::USER_PASSWORD, whom), password.clone()).await);
            ways.push(world.ask(&help, "DELETE", &at(path::USER_LOCK_OUT, whom), Value::Null).await);
            ways.push(world.ask(&help, "DELETE", &at(path::USER_SECOND_FACTOR, whom), Value::Null).await);
            ways.push(world.patch(&help, whom, json!({"password": NEW_PASSWORD})).await);
            ways.push(world.patch(&help, whom, json!({"unlock": true})).await);
            // Another login, which somebody may have in the company's directory.
            ways.push(world.put(&help, whom, |user| user["login"] = json!("ayuda2")).await);
        }
        for (at, way) in ways.into_iter().enumerate() {
            assert_eq!(way, no("user_beyond"), "way {at}");
        }
        house.sign_in("jefa", FIRST).await;
        assert_eq!(world.ask(&less, "PUT", &at(path::USER_PASSWORD, &agent), password.clone()).await, no("field_forbidden"));
        assert_eq!(world.ask(&less, "DELETE", &at(path::USER_LOCK_OUT, &agent), Value::Null).await, no("field_forbidden"));
        assert_eq!(world.patch(&less, &agent, json!({"password": NEW_PASSWORD})).await, no("field_forbidden"));
        assert_eq!(world.ask(&least, "DELETE", &at(path::USER_SECOND_FACTOR, &agent), Value::Null).await, no("field_forbidden"));
        // Nor does somebody who may change other users only.
        let rows = vec![all("user", &["read"]), when(all("user", &["change"]), "login", "nadie"), all("role", &["read", "change"])];
        let (_, rows) = world.somebody("filas", rows).await;
        assert_eq!(world.ask(&rows, "PUT", &at(path::USER_PASSWORD, &agent), password.clone()).await, no(""));

        // The screen is told the same.
        let identity = |user: &Value| {
            let fields = user["changeable"].as_array().cloned().unwrap_or_default();
            ["login", "password", "second_factor"].map(|field| fields.contains(&json!(field)))
        };
        for (token, whom, may) in [
            (&help, &agent, [true; 3]), (&help, &chief, [false; 3]), (&help, &direct, [false; 3]),
            (&less, &agent, [true, false, true]), (&least, &agent, [true, true, false]), (&rows, &agent, [false; 3]), (&world.admin, &direct, [true; 3]),
        ] {
            assert_eq!(identity(&world.user(token, whom).await), may);
        }

        assert_eq!(world.ask(&less, "DELETE", &at(path::USER_SECOND_FACTOR, &agent), Value::Null).await, yes(204));
        assert_eq!(world.ask(&help, "DELETE", &at(path::USER_LOCK_OUT, &agent), Value::Null).await, yes(204));
        assert_eq!(world.patch(&help, &chief, json!({"name": "La Jefa"})).await, yes(200));
        assert_eq!(world.put(&help, &agent, |user| user["login"] = json!("ana2")).await, yes(200));
        assert_eq!(world.ask(&help, "PUT", &at(path::USER_PASSWORD, &agent), password.clone()).await, yes(200));
        house.sign_in("ana2", NEW_PASSWORD).await;
        for whom in [&chief, &direct] {
            assert_eq!(world.ask("", "PUT", &at(path::USER_PASSWORD, whom), password.clone()).await, yes(200));
        }
        house.sign_in("jefe", NEW_PASSWORD).await;
    }

    async fn deputies_and_skills_are_those_of_a_user_whom_one_may_change(house: House) {
        let world = World::of(house).await;
        let (ana, hers) = world.somebody("ana", Vec::new()).await;
        let bea = world.person("bea", &["agent"], &[]).await;
        let (_, boss) = world.somebody("raul", vec![when(all("user", &["read", "change"]), "login", "ana")]).await;
        let (_, looks) = world.somebody("luz", vec![all("user", &["read"]), when(all("user", &["change"]), "login", "bea")]).await;

        let at = |template: &str, id: &str| path::fill(template, &[id]);
        let deputy = |id: &str| json!({"deputy": id, "name": "", "begins": "2030-01-01T00:00:00Z", "ends": "2030-02-01T00:00:00Z"});
        let skills = json!({"seen": [], "skills": [{"skill": "inglés", "level": 3}]});
        // Whom one does not see is not there; whom one may not change is left alone.
        for (token, id, status) in [(&boss, &bea, 404), (&looks, &ana, 403)] {
            assert_eq!(world.ask(token, "PUT", &at(path::USER_DEPUTY, id), deputy(&ana)).await.0, status);
            assert_eq!(world.ask(token, "DELETE", &at(path::USER_DEPUTY, id), Value::Null).await.0, status);
            assert_eq!(world.ask(token, "GET", &at(path::USER_DEPUTIES, id), Value::Null).await.0, status);
            assert_eq!(world.ask(token, "PUT", &at(path::USER_SKILLS, id), skills.clone()).await.0, status);
        }
        assert_eq!(world.ask(&boss, "GET", &at(path::USER_SKILLS, &bea), Value::Null).await.0, 404);
        assert_eq!(world.ask(&boss, "GET", &at(path::USER_DEPUTY, &bea), Value::Null).await.0, 404);
        assert_eq!(world.ask(&boss, "PUT", &at(path::USER_DEPUTY, &ana), deputy(&bea)).await, (422, "unknown_user".to_owned()));

        assert_eq!(world.ask(&looks, "GET", &at(path::USER_SKILLS, &ana), Value::Null).await.0, 200);
        assert_eq!(world.ask(&boss, "PUT", &at(path::USER_SKILLS, &ana), skills).await, yes(204));
        assert_eq!(world.ask(&looks, "PUT", &at(path::USER_DEPUTY, &bea), deputy(&ana)).await, yes(204));
        assert_eq!(world.ask(&looks, "DELETE", &at(path::USER_DEPUTY, &bea), Value::Null).await, yes(204));
        // One's own is everybody's to see and to take back.
        assert_eq!(world.ask("", "PUT", &at(path::USER_DEPUTY, &ana), deputy(&bea)).await, yes(204));
        assert_eq!(world.ask(&hers, "GET", &at(path::USER_DEPUTY, &ana), Value::Null).await.0, 200);
        assert_eq!(world.ask(&hers, "PUT", &at(path::USER_DEPUTY, &ana), deputy(&bea)).await, yes(204));
        assert_eq!(world.ask(&hers, "DELETE", &at(path::USER_DEPUTY, &ana), Value::Null).await, yes(204));
    }
}

/// In the demo world, which has a type of customers.
async fn a_dissolved_unit_takes_along_only_what_one_may_move(database: store::testing::TestDb) {
    let own = House::start(database, true).await;
    let house = &own;
    let admin = house.sign_in(ADMIN, DEMO).await;
    let world = World { house, admin };
    let unit = async |name: &str, parent: Value| {
        let (status, made) = house
            .call(
                &world.admin,
                "POST",
                path::UNITS,
                json!({"name": name, "parent": parent}),
            )
            .await;
        assert_eq!(status, 201, "{made}");
        id(&made)
    };
    let top = unit("Empresa", Value::Null).await;
    let (sold, staffed, deep) = (
        unit("Ventas", json!(top)).await,
        unit("Mesa", json!(top)).await,
        unit("Zona", json!(top)).await,
    );
    let under = unit("Barrio", json!(deep)).await;
    for name in ["Zuqui Uno", "Zuqui Dos"] {
        let new = json!({"customer_type": "person", "fields": {"name": name}});
        let (status, made) = house.call(&world.admin, "POST", path::CUSTOMERS, new).await;
        assert_eq!(status, 201, "{made}");
        let place = path::fill(path::CUSTOMER, &[made["id"].as_str().unwrap()]);
        let moved = json!({"fields": {}, "unit": sold, "version": made["version"]});
        assert_eq!(world.ask("", "PATCH", &place, moved).await, yes(200));
    }
    let worker = json!({"login": "obra", "name": "Obra", "unit": staffed});
    assert_eq!(world.ask("", "POST", path::USERS, worker).await, yes(201));

    let organising = || vec![all("unit", &["read", "change", "delete"])];
    let with = |more: Vec<Value>| {
        let mut grants = organising();
        grants.extend(more);
        grants
    };
    let (_, units) = world.somebody("solo", organising()).await;
    let (_, reads) = world
        .somebody(
            "lee",
            with(vec![
                all("customer", &["read", "change"]),
                denied("customer", "unit", &["change"]),
                all("user", &["read", "change"]),
                denied("user", "unit", &["change"]),
            ]),
        )
        .await;
    let (_, some) = world
        .somebody(
            "algunos",
            with(vec![
                all("customer", &["read"]),
                when(all("customer", &["change"]), "name", "Zuqui Uno"),
                all("user", &["read"]),
                when(all("user", &["change"]), "login", "nadie"),
            ]),
        )
        .await;
    let (_, theirs) = world
        .somebody(
            "suyos",
            with(vec![
                all("customer", &["read"]),
                when(all("customer", &["change"]), "unit", &sold),
                all("user", &["read"]),
                when(all("user", &["change"]), "login", "obra"),
            ]),
        )
        .await;
    let (_, fixed) = world
        .somebody(
            "fijo",
            vec![
                all("unit", &["read", "delete"]),
                when(all("unit", &["change"]), "name", "Zona"),
            ],
        )
        .await;
    let (_, blind) = world
        .somebody(
            "ciego",
            vec![
                when(all("unit", &["read", "change", "delete"]), "name", "Mesa"),
                all("user", &["read", "change"]),
            ],
        )
        .await;

    // Who may remove it is told what hangs on it, also what they do not see; who may only look, what they see.
    let (_, looks) = world.somebody("mira", vec![all("unit", &["read"])]).await;
    let (_, one) = world
        .somebody(
            "una",
            vec![
                all("unit", &["read"]),
                when(all("customer", &["read"]), "name", "Zuqui Uno"),
            ],
        )
        .await;
    for (token, told) in [(&world.admin, 2), (&units, 2), (&looks, 0), (&one, 1)] {
        let place = path::fill(path::UNIT_DEPENDANTS, &[&sold]);
        let (_, hanging) = house.get(token, &place).await;
        assert_eq!(hanging["customers"], json!(told), "{hanging}");
    }

    // Who sees no customers does not take the unit for empty.
    let empty = format!("{}?version=1", path::fill(path::UNIT, &[&sold]));
    assert_eq!(
        world.ask(&units, "DELETE", &empty, Value::Null).await,
        (409, String::new())
    );
    let gone =
        |of: &str, into: &str| format!("{}?version=1&into={into}", path::fill(path::UNIT, &[of]));
    for token in [&units, &reads, &some] {
        assert_eq!(
            world
                .ask(token, "DELETE", &gone(&sold, &top), Value::Null)
                .await,
            no("customers_withheld")
        );
        assert_eq!(
            world
                .ask(token, "DELETE", &gone(&staffed, &top), Value::Null)
                .await,
            no("people_withheld")
        );
    }
    assert_eq!(
        world
            .ask(&fixed, "DELETE", &gone(&deep, &top), Value::Null)
            .await,
        no("units_withheld")
    );
    assert_eq!(
        world
            .ask(&blind, "DELETE", &gone(&staffed, &top), Value::Null)
            .await,
        (422, "unknown_reference".to_owned())
    );

    assert_eq!(
        world
            .ask(&theirs, "DELETE", &gone(&sold, &top), Value::Null)
            .await,
        yes(204)
    );
    assert_eq!(
        world
            .ask(&theirs, "DELETE", &gone(&staffed, ""), Value::Null)
            .await,
        yes(204)
    );
    assert_eq!(
        world
            .ask(&units, "DELETE", &gone(&deep, &top), Value::Null)
            .await,
        yes(204)
    );
    let (_, hanging) = house
        .get(&world.admin, &path::fill(path::UNIT_DEPENDANTS, &[&top]))
        .await;
    assert_eq!(
        (hanging["customers"].as_u64(), &hanging["units"]),
        (Some(2), &json!(["Barrio"])),
        "{hanging} {under}"
    );
    own.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dissolved_unit_sqlite() {
    a_dissolved_unit_takes_along_only_what_one_may_move(store::testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dissolved_unit_postgres() {
    if let Some(database) = store::testing::postgres().await {
        a_dissolved_unit_takes_along_only_what_one_may_move(database).await;
    }
}
