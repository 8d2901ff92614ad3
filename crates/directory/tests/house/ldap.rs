//! Users from a real OpenLDAP: a `slapd` of the test's own, in a folder of its own, on a free port, with TLS.

#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::common::{House, PASSWORD, credentials, eventually, house_with};
use directory::outside::ldap::{Ldap, LdapConfig};
use directory::{SessionsConfig, groups, users};
use kernel::Code;
use ldap3::{LdapConnAsync, Mod};
use store::Db;

const BASE: &str = "dc=banco,dc=test";
const ADMIN: &str = "cn=admin,dc=banco,dc=test";
const SECRET: &str = "only for this test";

struct Slapd {
    process: Child,
    folder: tempfile::TempDir,
    plain: u16,
    tls: u16,
}

impl Drop for Slapd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn certificates(folder: &Path) -> bool {
    std::fs::write(
        folder.join("ext"),
        "subjectAltName=IP:127.0.0.1,DNS:localhost\n",
    )
    .unwrap();
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ];
    let with = |rest: &[&'static str]| [&["req"], rest, &key].concat();
    run(
        folder,
        "openssl",
        &with(&[
            "-x509",
            "-days",
            "2",
            "-subj",
            "/CN=test ca",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ]),
    ) && run(
        folder,
        "openssl",
        &with(&[
            "-subj",
            "/CN=localhost",
            "-keyout",
            "key.pem",
            "-out",
            "req.pem",
        ]),
    ) && run(
        folder,
        "openssl",
        &[
            "x509",
            "-req",
            "-in",
            "req.pem",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "ext",
            "-out",
            "cert.pem",
        ],
    )
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn person(uid: &str, name: &str) -> String {
    format!(
        "dn: uid={uid},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {name}\nsn: {name}\nmail: {uid}@banco.test\nuserPassword: {PASSWORD} {uid}\n\n"
    )
}

impl Slapd {
    /// `None` where it is not installed.
    async fn start() -> Option<Self> {
        let program = [
            "/usr/sbin/slapd",
            "/usr/lib/openldap/slapd",
            "/usr/libexec/slapd",
        ]
        .into_iter()
        .find(|path| Path::new(path).exists());
        let Some(program) = program else {
            eprintln!("skipped: no slapd");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        assert!(certificates(at), "openssl made no certificates");
        std::fs::create_dir(at.join("db")).unwrap();
        let place = at.display();
        let config = format!(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\ninclude /etc/ldap/schema/inetorgperson.schema\n\
             modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload memberof\nmoduleload ppolicy\n\
             pidfile {place}/pid\nTLSCACertificateFile {place}/ca.pem\nTLSCertificateFile {place}/cert.pem\nTLSCertificateKeyFile {place}/key.pem\n\
             database mdb\nmaxsize 10485760\nsuffix \"{BASE}\"\nrootdn \"{ADMIN}\"\nrootpw \"{SECRET}\"\ndirectory {place}/db\n\
             access to attrs=userPassword by anonymous auth by * none\naccess to * by dn.exact=\"cn=engage,{BASE}\" read by * none\n\
             overlay memberof\n"
        );
        std::fs::write(at.join("slapd.conf"), config).unwrap();
        let mut ldif = std::fs::File::create(at.join("data.ldif")).unwrap();
        write!(
            ldif,
            "dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Banco\ndc: banco\n\n\
             dn: cn=engage,{BASE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: engage\nuserPassword: searches\n\n\
             dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people\n\n\
             dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups\n\n{}{}{}",
            person("ines", "Inés Vega"),
            person("raul", "Raúl Paz"),
            person("o*b(c)", "Rara Avis"),
        )
        .unwrap();
        drop(ldif);
        assert!(
            run(
                at,
                "/usr/sbin/slapadd",
                &["-f", "slapd.conf", "-l", "data.ldif"]
            ),
            "slapadd"
        );
        let (plain, tls) = (free_port(), free_port());
        let process = Command::new(program)
            .args(["-f", "slapd.conf", "-d", "0", "-h"])
            .arg(format!("ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"))
            .current_dir(at)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let slapd = Self {
            process,
            folder,
            plain,
            tls,
        };
        for _ in 0..300 {
            if slapd.ldap("ldap", &[]).check().await.is_ok() {
                slapd.administer(&["add group"]).await;
                return Some(slapd);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("slapd does not answer");
    }

    fn config(&self, scheme: &str, change: &[(&str, serde_json::Value)]) -> LdapConfig {
        let port = if scheme == "ldaps" {
            self.tls
        } else {
            self.plain
        };
        let mut config = serde_json::json!({
            "url": format!("{scheme}://127.0.0.1:{port}"), "base": BASE,
            "bind_dn": format!("cn=engage,{BASE}"), "bind_password": "searches",
            "ca_file": self.folder.path().join("ca.pem"),
            "active": "(!(employeeType=gone))",
            "groups": {(format!("cn=tellers,ou=groups,{BASE}")): "tellers"},
        });
        for (key, value) in change {
            config[*key] = value.clone();
        }
        serde_json::from_value(config).unwrap()
    }

    fn ldap(&self, scheme: &str, change: &[(&str, serde_json::Value)]) -> Ldap {
        Ldap::new(self.config(scheme, change)).unwrap()
    }

    /// What the bank's own administrator does.
    async fn administer(&self, what: &[&str]) {
        let (connection, mut ldap) =
            LdapConnAsync::new(&format!("ldap://127.0.0.1:{}", self.plain))
                .await
                .unwrap();
        tokio::spawn(async move { connection.drive().await });
        ldap.simple_bind(ADMIN, SECRET)
            .await
            .unwrap()
            .success()
            .unwrap();
        let group = format!("cn=tellers,ou=groups,{BASE}");
        let ines = format!("uid=ines,ou=people,{BASE}");
        let raul = format!("uid=raul,ou=people,{BASE}");
        for step in what {
            let done = match *step {
                "add group" => {
                    let attributes = vec![
                        ("objectClass", ["groupOfNames"].into()),
                        ("cn", ["tellers"].into()),
                        ("member", [&*ines, &*raul].into()),
                    ];
                    ldap.add(&group, attributes).await
                }
                "ines leaves the group" => {
                    ldap.modify(&group, vec![Mod::Delete("member", [&*ines].into())])
                        .await
                }
                "ines is disabled" => {
                    ldap.modify(&ines, vec![Mod::Replace("employeeType", ["gone"].into())])
                        .await
                }
                "ines has her name" => {
                    ldap.modify(&ines, vec![Mod::Replace("cn", ["Inés Otaegui"].into())])
                        .await
                }
                "ines has an endless name" => {
                    let endless = "Inés ".repeat(200);
                    ldap.modify(&ines, vec![Mod::Replace("cn", [&*endless].into())])
                        .await
                }
                "raul has an endless name" => {
                    let endless = "Raúl ".repeat(200);
                    ldap.modify(&raul, vec![Mod::Replace("cn", [&*endless].into())])
                        .await
                }
                "raul is disabled" => {
                    ldap.modify(&raul, vec![Mod::Replace("employeeType", ["gone"].into())])
                        .await
                }
                "raul is back" => {
                    ldap.modify(&raul, vec![Mod::Replace("employeeType", ["here"].into())])
                        .await
                }
                "raul is deleted" => ldap.delete(&raul).await,
                "raul is renamed" => {
                    ldap.modify(&raul, vec![Mod::Replace("cn", ["Raúl Paz Soto"].into())])
                        .await
                }
                other => panic!("{other}"),
            };
            done.unwrap().success().unwrap();
        }
        ldap.unbind().await.unwrap();
    }

    async fn house(&self, db: Db, change: &[(&str, serde_json::Value)]) -> House {
        let config = SessionsConfig {
            ldap: Some(self.ldap("ldaps", change)),
            ..SessionsConfig::default()
        };
        let house = house_with(db, config).await;
        let mut tx = house.db.write().await.unwrap();
        for key in ["tellers", "own"] {
            groups::create(&mut tx, &house.ambient, &house.actor, key, key, "")
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        house
    }
}

impl House {
    async fn try_in(&self, login: &str, password: &str) -> Result<String, Code> {
        // Each from an address of its own: here nobody is throttled.
        let from = directory::Credentials {
            address: None,
            ..credentials(login, password)
        };
        self.sessions
            .sign_in(from)
            .await
            .map(|e| e.token)
            .map_err(|e| e.code())
    }

    async fn groups_of(&self, login: &str) -> Vec<String> {
        let mut reads = self.db.read().await.unwrap();
        let user = users::find_by_login(&mut reads, login)
            .await
            .unwrap()
            .unwrap();
        users::groups_of(&mut reads, user.id)
            .await
            .unwrap()
            .into_iter()
            .map(|g| g.name)
            .collect()
    }
}

store::both! {
    async fn who_is_in_the_directory_comes_in_and_nobody_else(db: Db) {
        let Some(slapd) = Slapd::start().await else { return };
        let house = slapd.house(db.clone(), &[]).await;
        let ines = format!("{PASSWORD} ines");
        let token = house.try_in("Ines", &ines).await.unwrap();
        let signed_in = house.sessions.authenticate(&token).await.unwrap();
        assert_eq!((&*signed_in.user.name, signed_in.user.email.as_deref()), ("Inés Vega", Some("ines@banco.test")));
        assert_eq!(house.groups_of("ines").await, ["tellers"]);
        assert_eq!(signed_in.unfinished(), None);
        // The same person, not a second user.
        assert!(house.try_in("INES", &ines).await.is_ok());
        let odd = format!("{PASSWORD} o*b(c)");
        assert!(house.try_in("o*b(c)", &odd).await.is_ok());

        for (login, password) in [
            ("ines", "otra frase cualquiera"), ("ines", ""), ("nadie", &*ines), ("", ""), ("", &ines), ("ines\0", &ines),
            ("admin", ""), ("cn=admin", SECRET), (ADMIN, SECRET), ("engage", "searches"),
        ] {
            assert_eq!(house.try_in(login, password).await, Err(Code::WrongCredentials), "{login} / {password}");
        }
        // A local account keeps its own password, and its login is nobody else's.
        assert!(house.try_in("admin", PASSWORD).await.is_ok());
        let made = [house.sessions.check_login("raul").await.is_ok(), house.sessions.check_login("nadie").await.is_ok()];
        assert_eq!(made, [true, false]);
    }

    async fn a_filter_cannot_be_bent(db: Db) {
        let Some(slapd) = Slapd::start().await else { return };
        let house = slapd.house(db.clone(), &[]).await;
        let password = format!("{PASSWORD} ines");
        let mut tried = 0;
        for injected in ["*", "i*", "ines)", "ines)(uid=*", "*)(uid=*))(|(uid=*", "ines)(objectClass=*", "ines)(&)", "ines)(|(a=b", "\\2a", "ines\\", "ines)(userPassword=*)", "(ines)", "ines))%00", "*)(cn=*", "&(uid=ines)", "|(uid=ines)", "!(uid=nadie)", "ines,ou=people", "uid=ines", "ines;raul"] {
            for form in [injected.to_owned(), format!("{injected}*"), format!("{injected}\0"), format!("){injected}("), injected.replace('i', "\u{0131}")] {
                tried += 1;
                assert_eq!(house.try_in(&form, &password).await, Err(Code::WrongCredentials), "{form}");
            }
        }
        assert_eq!(tried, 100);
    }

    async fn disabled_there_is_signed_out_here(db: Db) {
        let Some(slapd) = Slapd::start().await else { return };
        let house = slapd.house(db.clone(), &[]).await;
        let ines = house.try_in("ines", &format!("{PASSWORD} ines")).await.unwrap();
        let raul = house.try_in("raul", &format!("{PASSWORD} raul")).await.unwrap();
        assert_eq!(house.sessions.look_elsewhere().await.unwrap(), 0);
        slapd.administer(&["ines leaves the group", "raul is renamed"]).await;
        assert_eq!(house.sessions.look_elsewhere().await.unwrap(), 0);
        assert!(house.groups_of("ines").await.is_empty());
        eventually("the new name", async || house.sessions.authenticate(&raul).await.unwrap().user.name == "Raúl Paz Soto").await;
        slapd.administer(&["ines is disabled", "raul is deleted"]).await;
        assert_eq!(house.sessions.look_elsewhere().await.unwrap(), 2);
        for token in [&ines, &raul] {
            eventually("signed out", async || house.sessions.authenticate(token).await.is_err_and(|e| e.code() == Code::SessionExpired)).await;
        }
        assert_eq!(house.try_in("ines", &format!("{PASSWORD} ines")).await, Err(Code::WrongCredentials));
        assert_eq!(crate::sign_in::trail(&db, "session.end_all").await.len(), 2);
    }

    async fn who_cannot_be_followed_hides_nobody_else(db: Db) {
        let Some(slapd) = Slapd::start().await else { return };
        let house = slapd.house(db.clone(), &[]).await;
        let enter = async |login: &str| house.try_in(login, &format!("{PASSWORD} {login}")).await.unwrap();
        let ended = async |token: &str| house.sessions.authenticate(token).await.is_err_and(|e| e.code() == Code::SessionExpired);
        let (ines, raul) = (enter("ines").await, enter("raul").await);
        // A name that cannot be taken over stops at that person, whoever of the two is looked at first.
        slapd.administer(&["ines has an endless name", "raul is disabled"]).await;
        assert_eq!(house.sessions.look_elsewhere().await.unwrap(), 1);
        eventually("raul is out", async || ended(&raul).await).await;
        assert!(house.sessions.authenticate(&ines).await.is_ok());
        slapd.administer(&["ines has her name", "raul is back"]).await;
        let raul = enter("raul").await;
        slapd.administer(&["raul has an endless name", "ines is disabled"]).await;
        assert_eq!(house.sessions.look_elsewhere().await.unwrap(), 1);
        eventually("ines is out", async || ended(&ines).await).await;
        assert!(house.sessions.authenticate(&raul).await.is_ok());
        // Where nobody could be looked at, that is said.
        assert!(house.sessions.look_elsewhere().await.is_err());
    }

    async fn a_wire_that_is_not_safe_is_not_used(db: Db) {
        let Some(mut slapd) = Slapd::start().await else { return };
        assert!(slapd.ldap("ldap", &[]).check().await.is_ok(), "StartTLS");
        assert!(slapd.ldap("ldap", &[("start_tls", false.into())]).check().await.is_ok(), "on this machine only");
        // Without our authority the server is a stranger.
        for scheme in ["ldap", "ldaps"] {
            let stranger = slapd.ldap(scheme, &[("ca_file", serde_json::Value::Null)]);
            assert_eq!(stranger.check().await.unwrap_err().code(), Code::DirectoryUnavailable);
        }
        let wrong = slapd.ldap("ldaps", &[("bind_password", "wrong".into())]);
        assert_eq!(wrong.check().await.unwrap_err().code(), Code::DirectoryUnavailable);
        let house = slapd.house(db.clone(), &[("create_users", false.into())]).await;
        let raul = format!("{PASSWORD} raul");
        assert_eq!(house.try_in("raul", &raul).await, Err(Code::WrongCredentials));
        let mut tx = db.write().await.unwrap();
        users::create(&mut tx, &house.ambient, &house.actor, directory::UserWrite::new("raul", "Raúl"), None, false).await.unwrap();
        tx.commit().await.unwrap();
        let token = house.try_in("raul", &raul).await.unwrap();
        // The directory is away: nobody new comes in, nobody is thrown out, local accounts work.
        slapd.process.kill().unwrap();
        slapd.process.wait().unwrap();
        assert_eq!(house.try_in("raul", &raul).await, Err(Code::DirectoryUnavailable));
        assert_eq!(house.sessions.look_elsewhere().await.unwrap_err().code(), Code::DirectoryUnavailable);
        assert!(house.sessions.authenticate(&token).await.is_ok());
        assert!(house.try_in("admin", PASSWORD).await.is_ok());
    }
}
