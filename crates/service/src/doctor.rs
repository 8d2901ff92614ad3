//! What `engage-service doctor` looks at.

use directory::outside::ldap::{Ldap, LdapConfig};
use directory::outside::oidc::{Oidc, OidcConfig};
use kernel::Result;

use crate::Config;

/// One thing that was looked at.
#[derive(Debug)]
pub struct Finding {
    pub what: &'static str,
    pub sound: bool,
    pub told: String,
}

/// Looks at what most often goes wrong. Changes nothing but what a start would: the schema.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut see = |what: &'static str, outcome: Result<String>| {
        let sound = outcome.is_ok();
        findings.push(Finding {
            what,
            sound,
            told: outcome.unwrap_or_else(|error| error.to_string()),
        });
    };
    see("data folder", writable(config));
    match crate::open(config).await {
        Ok(db) => {
            see(
                "database",
                Ok(format!("{:?} answers, schema is current", db.kind())),
            );
            see(
                "audit key",
                crate::audit::signer(config, &store::ambient())
                    .map(|s| format!("signs as {}", s.public())),
            );
            see("secrets key", secrets(config, &db).await);
            see("second wall", wall(&db).await);
            db.close().await;
        }
        Err(error) => see("database", Err(error)),
    }
    if let Some(path) = &config.leaked_passwords {
        let opened = directory::Leaked::open(path);
        see(
            "leaked passwords",
            opened.map(|_| path.display().to_string()),
        );
    }
    if let Some(ldap) = &config.ldap {
        see("directory (LDAP)", ldap_answers(ldap).await);
    }
    if let Some(oidc) = &config.oidc {
        see("identity provider", provider_answers(oidc).await);
    }
    see(
        "web agent",
        Ok(config.ui_folder().map_or_else(
            || "no files found: only the API answers".to_owned(),
            |f| f.display().to_string(),
        )),
    );
    see(
        "listen",
        std::net::TcpListener::bind(config.listen)
            .map(|_| config.listen.to_string())
            .map_err(kernel::Error::internal),
    );
    findings
}

fn writable(config: &Config) -> Result<String> {
    std::fs::create_dir_all(&config.data_dir).map_err(kernel::Error::internal)?;
    let probe = config.data_dir.join(".probe");
    std::fs::write(&probe, b"engage")
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(kernel::Error::internal)?;
    Ok(config.data_dir.display().to_string())
}

async fn secrets(config: &Config, db: &store::Db) -> Result<String> {
    let vault = crate::keys::vault(config, &store::ambient())?;
    match directory::second_factor::key_fits(&mut db.read().await?, &vault).await? {
        Some(true) => Ok("opens what is kept".to_owned()),
        Some(false) => Err(kernel::Error::internal(
            "the key does not open what this database keeps: put the installation's secrets.key back",
        )),
        None => Ok("ready; nothing is sealed yet".to_owned()),
    }
}

async fn ldap_answers(config: &LdapConfig) -> Result<String> {
    let ldap = Ldap::new(config.clone())?;
    ldap.check().await?;
    Ok(format!("{} answers, {} is there", config.url, config.base))
}

async fn provider_answers(config: &OidcConfig) -> Result<String> {
    let oidc = Oidc::new(config.clone())?;
    let keys = oidc.check().await?;
    let back = oidc.return_address();
    Ok(format!(
        "{} answers with {keys} keys; it must allow the return to {back}",
        config.issuer
    ))
}

async fn wall(db: &store::Db) -> Result<String> {
    match db.has_wall().await? {
        None => Ok("SQLite: the file belongs to this process alone".to_owned()),
        Some(true) => Ok("row-level security stands".to_owned()),
        Some(false) => Err(kernel::Error::internal(
            "the roles engage_walled and engage_reader are not both there: as a superuser, CREATE ROLE engage_walled NOLOGIN; \
             CREATE ROLE engage_reader NOLOGIN; GRANT engage_walled, engage_reader TO the service's role; then run the \
             statements of the migrations 0011_wall and 0015_reader again",
        )),
    }
}
