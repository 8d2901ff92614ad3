//! LDAP (RFC 4511), as OpenLDAP and Active Directory speak it: a service account finds the entry of a login, and the
//! password is right if the entry can bind with it. One connection per question: a directory that was restarted or fails
//! over needs no care of ours.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Code, Error, FieldProblem, Result};
use ldap3::{LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, ldap_escape};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;

use super::{Found, GroupMap};

pub const PROVIDER: &str = "ldap";

/// The section `[ldap]` of the configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LdapConfig {
    /// `ldaps://host` or `ldap://host`; the latter speaks StartTLS before anything else.
    pub url: String,
    /// `false` leaves out StartTLS, and is taken for an address of this machine only. Default: true.
    #[serde(default = "yes")]
    pub start_tls: bool,
    /// Certificates (PEM) that vouch for the server. Default: those of the operating system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The account that searches. Absent: anonymous.
    #[serde(default)]
    pub bind_dn: Option<String>,
    #[serde(default)]
    pub bind_password: Option<String>,
    /// A file that holds the password, instead of `bind_password`.
    #[serde(default)]
    pub bind_password_file: Option<PathBuf>,
    /// Below it people are looked for.
    pub base: String,
    /// Finds a login; `{login}` is replaced, escaped. Active Directory: `(&(objectClass=user)(sAMAccountName={login}))`.
    /// Default: `(&(objectClass=person)(uid={login}))`.
    #[serde(default = "by_uid")]
    pub filter: String,
    /// What an entry must meet to come in. Active Directory: `(!(userAccountControl:1.2.840.113556.1.4.803:=2))`.
    /// Default: any entry that is found.
    #[serde(default)]
    pub active: Option<String>,
    /// Names an entry for good. Active Directory: `objectGUID`. Default: `entryUUID`.
    #[serde(default = "entry_uuid")]
    pub id: String,
    /// The attribute with the login. Active Directory: `sAMAccountName`. Default: `uid`.
    #[serde(default = "uid")]
    pub login: String,
    /// The attribute with the full name. Active Directory: `displayName`. Default: `cn`.
    #[serde(default = "cn")]
    pub name: String,
    /// The attribute with the mail address. Default: `mail`.
    #[serde(default = "mail")]
    pub mail: String,
    /// The attribute of a person that names their groups. Default: `memberOf`.
    #[serde(default = "member_of")]
    pub member_of: String,
    /// Where persons do not name their groups: finds groups by member, `{dn}` replaced, escaped: `(member={dn})`.
    #[serde(default)]
    pub group_filter: Option<String>,
    /// Below it groups are looked for. Default: `base`.
    #[serde(default)]
    pub group_base: Option<String>,
    /// Distinguished name of a group there = key of a group here.
    #[serde(default)]
    pub groups: GroupMap,
    /// Whether whoever signs in for the first time becomes a user here. Default: true. Otherwise an administrator adds
    /// users first, without a password.
    #[serde(default = "yes")]
    pub create_users: bool,
    /// Whether a user may be added here only if the directory knows the login. Default: true.
    #[serde(default = "yes")]
    pub only_known_logins: bool,
}

fn yes() -> bool {
    true
}
fn by_uid() -> String {
    "(&(objectClass=person)(uid={login}))".into()
}
fn entry_uuid() -> String {
    "entryUUID".into()
}
fn uid() -> String {
    "uid".into()
}
fn cn() -> String {
    "cn".into()
}
fn mail() -> String {
    "mail".into()
}
fn member_of() -> String {
    "memberOf".into()
}

impl std::fmt::Debug for LdapConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LdapConfig")
            .field("url", &self.url)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// A directory to ask. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ldap(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: LdapConfig,
    password: String,
    settings: Settings,
}

#[derive(Clone)]
struct Settings(LdapConnSettings);

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings")
    }
}

/// To connect, and for each answer.
const PATIENCE: Duration = Duration::from_secs(5);

fn unavailable(error: LdapError) -> Error {
    Error::new(Code::DirectoryUnavailable).because(error)
}

impl Ldap {
    /// Reads certificate and password files. Connects to nothing. Errors: `invalid`, the key of the configuration named.
    pub fn new(config: LdapConfig) -> Result<Self> {
        let address = url::Url::parse(&config.url).map_err(|e| wrong("url", &e))?;
        // Schemes that browsers do not know get no typed host from the parser.
        let host = address.host_str().unwrap_or_default();
        let near = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback());
        let secure = match address.scheme() {
            "ldaps" => true,
            "ldap" => config.start_tls,
            _ => return Err(wrong("url", &"ldap:// or ldaps://")),
        };
        // Passwords go over this wire.
        if !secure && !near {
            return Err(Error::invalid("ldap.start_tls", "ldap_unencrypted"));
        }
        if !config.filter.contains("{login}") {
            return Err(wrong("filter", &"{login}"));
        }
        let password = match &config.bind_password_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| wrong("bind_password_file", &e))?
                .trim_end_matches(['\r', '\n'])
                .to_owned(),
            None => config.bind_password.clone().unwrap_or_default(),
        };
        let mut settings = LdapConnSettings::new().set_conn_timeout(PATIENCE);
        if address.scheme() == "ldap" && config.start_tls {
            settings = settings.set_starttls(true);
        }
        if let Some(path) = &config.ca_file {
            let mut roots = RootCertStore::empty();
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|e| wrong("ca_file", &e))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|e| wrong("ca_file", &e))?;
                roots.add(certificate).map_err(|e| wrong("ca_file", &e))?;
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let tls = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(Error::internal)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            settings = settings.set_config(Arc::new(tls));
        }
        Ok(Self(Arc::new(Inner {
            config,
            password,
            settings: Settings(settings),
        })))
    }

    pub fn config(&self) -> &LdapConfig {
        &self.0.config
    }

    async fn connect(&self) -> Result<ldap3::Ldap> {
        let (connection, ldap) =
            LdapConnAsync::with_settings(self.0.settings.0.clone(), &self.0.config.url)
                .await
                .map_err(unavailable)?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "an LDAP connection broke off");
            }
        });
        Ok(ldap)
    }

    /// Connected, as the account that searches.
    async fn searching(&self) -> Result<ldap3::Ldap> {
        let mut ldap = self.connect().await?;
        if let Some(dn) = &self.0.config.bind_dn {
            ldap.with_timeout(PATIENCE)
                .simple_bind(dn, &self.0.password)
                .await
                .and_then(ldap3::LdapResult::success)
                .map_err(unavailable)?;
        }
        Ok(ldap)
    }

    /// Whether the directory answers and our account may search.
    pub async fn check(&self) -> Result<()> {
        let mut ldap = self.searching().await?;
        let searched = ldap
            .with_timeout(PATIENCE)
            .search(
                &self.0.config.base,
                Scope::Base,
                "(objectClass=*)",
                vec!["1.1"],
            )
            .await
            .and_then(ldap3::SearchResult::success)
            .map_err(unavailable);
        let _ = ldap.unbind().await;
        searched.map(|_| ())
    }

    /// The one entry of this login, if it may come in.
    pub async fn find(&self, login: &str) -> Result<Option<Found>> {
        let mut ldap = self.searching().await?;
        let found = self.look(&mut ldap, &self.by_login(login)).await;
        let _ = ldap.unbind().await;
        Ok(found?.map(|(_, found)| found))
    }

    /// Whoever we know by this subject, if they may still come in.
    pub(crate) async fn find_again(&self, subject: &str) -> Result<Option<Found>> {
        let Some(id) = subject_filter(&self.0.config.id, subject) else {
            return Ok(None);
        };
        let mut ldap = self.searching().await?;
        let found = self.look(&mut ldap, &self.and_active(&id)).await;
        let _ = ldap.unbind().await;
        Ok(found?.map(|(_, found)| found))
    }

    /// Who this is, if login and password are right. An unknown login takes as many questions as a wrong password.
    pub(crate) async fn verify(&self, login: &str, password: &str) -> Result<Option<Found>> {
        // RFC 4513 §5.1.2: a bind without a password succeeds as nobody.
        if password.is_empty() || password.contains('\0') {
            return Ok(None);
        }
        let mut ldap = self.searching().await?;
        let found = self.look(&mut ldap, &self.by_login(login)).await?;
        let nobody = format!("cn=nobody here,{}", self.0.config.base);
        let dn = found.as_ref().map_or(&nobody, |(dn, _)| dn);
        let bound = ldap
            .with_timeout(PATIENCE)
            .simple_bind(dn, password)
            .await
            .map_err(unavailable)?;
        let _ = ldap.unbind().await;
        match bound.rc {
            0 => Ok(found.map(|(_, found)| found)),
            // Busy, unavailable, time limit: the directory has not said no.
            3 | 51 | 52 | 80 => Err(unavailable(LdapError::from(bound))),
            _ => Ok(None),
        }
    }

    fn by_login(&self, login: &str) -> String {
        let filter = self.0.config.filter.replace("{login}", &ldap_escape(login));
        self.and_active(&filter)
    }

    fn and_active(&self, filter: &str) -> String {
        match &self.0.config.active {
            Some(active) => format!("(&{filter}{active})"),
            None => filter.to_owned(),
        }
    }

    /// Two entries of one login are nobody: we could not say which one is meant.
    async fn look(&self, ldap: &mut ldap3::Ldap, filter: &str) -> Result<Option<(String, Found)>> {
        let config = &self.0.config;
        let wanted = vec![
            config.id.as_str(),
            &config.login,
            &config.name,
            &config.mail,
            &config.member_of,
        ];
        let (entries, _) = ldap
            .with_timeout(PATIENCE)
            .search(&config.base, Scope::Subtree, filter, wanted)
            .await
            .and_then(ldap3::SearchResult::success)
            .map_err(unavailable)?;
        let mut people = entries
            .into_iter()
            .filter(|entry| !entry.is_ref())
            .map(SearchEntry::construct);
        let (Some(entry), None) = (people.next(), people.next()) else {
            return Ok(None);
        };
        let first = |name: &str| values(&entry, name).next().map(str::to_owned);
        let (Some(subject), Some(login)) = (subject_of(&entry, &config.id), first(&config.login))
        else {
            tracing::warn!(dn = %entry.dn, "an entry without identity or login cannot come in");
            return Ok(None);
        };
        let mut found = Found {
            provider: PROVIDER.to_owned(),
            subject,
            name: first(&config.name).unwrap_or_else(|| login.clone()),
            login,
            email: first(&config.mail).filter(|mail| mail.contains('@')),
            groups: values(&entry, &config.member_of)
                .map(str::to_owned)
                .collect(),
        };
        if let Some(filter) = &config.group_filter {
            let filter = filter.replace("{dn}", &ldap_escape(&*entry.dn));
            let base = config.group_base.as_ref().unwrap_or(&config.base);
            let (groups, _) = ldap
                .with_timeout(PATIENCE)
                .search(base, Scope::Subtree, &filter, vec!["1.1"])
                .await
                .and_then(ldap3::SearchResult::success)
                .map_err(unavailable)?;
            found.groups.extend(
                groups
                    .into_iter()
                    .filter(|entry| !entry.is_ref())
                    .map(|entry| SearchEntry::construct(entry).dn),
            );
        }
        Ok(Some((entry.dn, found)))
    }
}

fn wrong(key: &str, why: &dyn std::fmt::Display) -> Error {
    FieldProblem::new(format!("ldap.{key}"), "config_unreadable")
        .with("why", why)
        .into()
}

/// Names of attributes are compared without regard to case (RFC 4512 §2.5).
fn values<'e>(entry: &'e SearchEntry, name: &str) -> impl Iterator<Item = &'e str> {
    entry
        .attrs
        .iter()
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .flat_map(|(_, values)| values)
        .map(String::as_str)
}

/// Text as it is; bytes (Active Directory's `objectGUID`) as `hex:…`.
fn subject_of(entry: &SearchEntry, attribute: &str) -> Option<String> {
    if let Some(text) = values(entry, attribute).next() {
        // Sixteen bytes may happen to be text: they must look the same every day.
        return Some(if attribute.eq_ignore_ascii_case("objectGUID") {
            format!("hex:{}", hex::encode(text))
        } else {
            text.to_owned()
        });
    }
    entry
        .bin_attrs
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(attribute))
        .and_then(|(_, values)| values.first())
        .map(|bytes| format!("hex:{}", hex::encode(bytes)))
}

fn subject_filter(attribute: &str, subject: &str) -> Option<String> {
    let value = match subject.strip_prefix("hex:") {
        Some(bytes) => hex::decode(bytes)
            .ok()?
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect(),
        None => ldap_escape(subject).into_owned(),
    };
    Some(format!("({attribute}={value})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(toml: &str) -> LdapConfig {
        toml_from(toml)
    }

    fn toml_from(json: &str) -> LdapConfig {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn passwords_go_over_no_bare_wire() {
        for (url, start_tls, fine) in [
            ("ldap://ldap.example.com", false, false),
            ("ldap://ldap.example.com", true, true),
            ("ldaps://ldap.example.com", false, true),
            ("ldap://127.0.0.1:3890", false, true),
            ("http://ldap.example.com", true, false),
        ] {
            let text = format!(r#"{{"url":"{url}","base":"dc=x","start_tls":{start_tls}}}"#);
            assert_eq!(Ldap::new(config(&text)).is_ok(), fine, "{url} {start_tls}");
        }
    }

    #[test]
    fn a_login_cannot_leave_its_place_in_the_filter() {
        let ldap = Ldap::new(config(
            r#"{"url":"ldaps://x","base":"dc=x","active":"(!(pwdAccountLockedTime=*))"}"#,
        ))
        .unwrap();
        assert_eq!(
            ldap.by_login("*)(uid=*"),
            "(&(&(objectClass=person)(uid=\\2a\\29\\28uid=\\2a))(!(pwdAccountLockedTime=*)))"
        );
        assert_eq!(
            subject_filter("objectGUID", "hex:00ff2a").unwrap(),
            "(objectGUID=\\00\\ff\\2a)"
        );
        assert_eq!(
            subject_filter("entryUUID", "a*b").unwrap(),
            "(entryUUID=a\\2ab)"
        );
    }
}
