//! What `engage-service doctor` looks at.

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
            db.close().await;
        }
        Err(error) => see("database", Err(error)),
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
