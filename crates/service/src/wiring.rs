//! Where the rooms meet: each gets from the others what it needs, as values and through the traits that it asks for.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use access::{Catalogue, Policy};
use api::session::Named;
use design::{Ask, Body, Kind, Published, Surroundings};
use desk::Portfolio;
use directory::outside::{ldap::Ldap, oidc::Oidc};
use directory::{GroupId, Leaked, Passwords, Sessions, SessionsConfig};
use form::{FieldSpec, Form};
use futures::future::BoxFuture;
use kernel::{Ambient, Error, Id, Language, Page, Result, Span};
use ledger::audit::{Levels, level};
use runner::{Plans, Plugs, Runner};
use store::{Db, Reads};
use tokio_util::sync::CancellationToken;

use crate::decisions::Decisions;
use crate::{Config, chores};

/// How many passwords are stretched at once: each takes a core for a moment, and signing in must not starve the rest.
const PASSWORD_PLACES: usize = 2;

/// The rooms, open.
pub struct Rooms {
    pub sessions: Sessions,
    pub definitions: Published,
    pub runner: Runner,
    current: Arc<RwLock<Current>>,
    /// How much of reading is recorded: asked at every reading, so kept here.
    levels: RwLock<Arc<Levels>>,
}

/// What is published now, as the other rooms want it. Replaced as a whole.
#[derive(Clone, Default)]
struct Current {
    portfolio: Arc<Portfolio>,
    catalogue: Arc<Catalogue>,
    processes: Arc<Vec<ProcessLine>>,
    groups: Arc<Vec<directory::Group>>,
    calendars: Arc<HashMap<String, Arc<kernel::calendar::WorkTime>>>,
}

/// The company's calendar is the published one of this key; where there is none, Monday to Friday, nine to six, UTC.
const COMPANY: &str = "empresa";

/// The runner's calendars, out of what is published: one for the company, others for its parts.
struct PublishedCalendars {
    current: Arc<RwLock<Current>>,
    office: runner::Office,
}

impl runner::Calendars for PublishedCalendars {
    fn calendar(&self) -> Arc<kernel::calendar::WorkTime> {
        self.named(Some(COMPANY))
    }

    fn named(&self, key: Option<&str>) -> Arc<kernel::calendar::WorkTime> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let known = key.and_then(|key| current.calendars.get(key));
        match known.or_else(|| current.calendars.get(COMPANY)) {
            Some(calendar) => Arc::clone(calendar),
            None => runner::Calendars::calendar(&self.office),
        }
    }
}

/// A published process, for the list of what may be started.
#[derive(Clone, Debug)]
pub struct ProcessLine {
    pub key: String,
    pub version: i64,
    pub name: form::Words,
    pub customer_type: Option<String>,
}

impl Rooms {
    pub async fn open(db: &Db, ambient: &Ambient, config: &Config) -> Result<Self> {
        let settings = SessionsConfig {
            idle: Span::from_minutes(config.session_idle_minutes.into()),
            absolute: Span::from_hours(config.session_absolute_hours.into()),
            vault: Some(crate::keys::vault(config, ambient)?),
            ldap: config.ldap.clone().map(Ldap::new).transpose()?,
            oidc: config.oidc.clone().map(Oidc::new).transpose()?,
            ..SessionsConfig::default()
        };
        let mut passwords = Passwords::new(ambient, PASSWORD_PLACES).await?;
        if let Some(path) = &config.leaked_passwords {
            passwords = passwords.refusing(Leaked::open(path)?);
        }
        let definitions = Published::new();
        let sessions = Sessions::new(db.clone(), ambient.clone(), passwords, settings);
        let plans = Arc::new(PublishedPlans {
            db: db.clone(),
            definitions: definitions.clone(),
            compiled: RwLock::default(),
        });
        let people = Arc::new(DirectoryPeople { db: db.clone() });
        let current: Arc<RwLock<Current>> = Arc::default();
        let calendars = Arc::new(PublishedCalendars {
            current: Arc::clone(&current),
            office: runner::Office::default(),
        });
        let perform = Arc::new(Decisions::new(
            db.clone(),
            definitions.clone(),
            ambient.clone(),
        ));
        let plugs = Plugs {
            people,
            calendars,
            perform,
            ..Plugs::new(plans)
        };
        let runner = Runner::new(db.clone(), ambient.clone(), plugs);
        let this = Self {
            sessions,
            definitions,
            runner,
            current,
            levels: RwLock::default(),
        };
        this.refresh(db).await?;
        this.refresh_levels(db).await?;
        Ok(this)
    }

    pub fn portfolio(&self) -> Arc<Portfolio> {
        Arc::clone(
            &self
                .current
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .portfolio,
        )
    }

    /// All that there is to be permitted.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(
            &self
                .current
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .catalogue,
        )
    }

    pub fn processes(&self) -> Arc<Vec<ProcessLine>> {
        Arc::clone(
            &self
                .current
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .processes,
        )
    }

    pub fn groups(&self) -> Arc<Vec<directory::Group>> {
        Arc::clone(
            &self
                .current
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .groups,
        )
    }

    /// Groups by key and name.
    pub fn groups_named(&self, ids: &[GroupId]) -> Vec<Named> {
        let of = |group: &directory::Group| Named {
            key: group.key.clone(),
            name: group.name.clone(),
        };
        self.groups()
            .iter()
            .filter(|group| ids.contains(&group.id))
            .map(of)
            .collect()
    }

    /// What definitions may refer to outside of themselves.
    pub async fn surroundings(
        &self,
        reads: &mut impl Reads,
        language: Language,
    ) -> Result<Surroundings> {
        let groups: BTreeSet<String> = directory::groups::keys(reads).await?.into_iter().collect();
        Ok(Surroundings { groups, language })
    }

    /// Reads again what is published.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let fresh = read_current(db, &self.definitions).await?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// How much is recorded.
    pub fn levels(&self) -> Arc<Levels> {
        Arc::clone(&self.levels.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub async fn refresh_levels(&self, db: &Db) -> Result<()> {
        let fresh = level::load(&mut db.read().await?).await?;
        *self.levels.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(())
    }

    /// Listens for the start events of what was published without it: by an import, or by an older version of this program.
    async fn listen(&self) -> Result<()> {
        let processes = self.processes();
        let newest: Vec<_> = processes
            .iter()
            .map(|process| (process.key.clone(), process.version))
            .collect();
        self.runner.listen_to_all(&newest).await
    }

    /// The form of an activity, with the customer's fields that it is bound to.
    pub async fn form_of(
        &self,
        reads: &mut impl Reads,
        (process, version): (&str, i64),
        binding: &flow::Binding,
    ) -> Result<Option<Form>> {
        use flow::model::FormRef;
        let Some(form) = &binding.form else {
            return Ok(None);
        };
        let (FormRef::Key(key) | FormRef::Inline(key)) = form;
        let of = self
            .definitions
            .version(reads, Kind::Process, process, version)
            .await?;
        if let Body::Process(definition) = &*of
            && let Some(own) = definition.form(key)
        {
            return Ok(Some(own.clone()));
        }
        match &*self.definitions.newest(reads, Kind::Form, key).await?.1 {
            Body::Form(form) => Ok(Some(form.clone())),
            _ => Err(Error::not_found("form")),
        }
    }

    /// The fields of a customer type.
    pub fn fields_of(&self, customer_type: &str) -> Vec<FieldSpec> {
        self.portfolio()
            .get(customer_type)
            .map(|of| of.schema.fields.clone())
            .unwrap_or_default()
    }
}

async fn read_current(db: &Db, definitions: &Published) -> Result<Current> {
    let mut reads = db.read().await?;
    let groups = Arc::new(directory::groups::all(&mut reads).await?);
    let mut types = Vec::new();
    let mut processes = Vec::new();
    let mut catalogue = Catalogue::of_product();
    let mut calendars = HashMap::new();
    for kind in [Kind::Calendar, Kind::CustomerType, Kind::Process] {
        let ask = Ask {
            kind: Some(kind),
            ..Ask::default()
        };
        let mut page = Page {
            limit: Some(Page::MAX_LIMIT),
            cursor: None,
        };
        loop {
            let part = design::list(&mut reads, &ask, &page).await?;
            for summary in part.items.into_iter().filter(|s| s.published.is_some()) {
                let (version, body) = definitions.newest(&mut reads, kind, &summary.key).await?;
                match &*body {
                    Body::Calendar(definition) => match definition.calendar.ready() {
                        Ok(ready) => {
                            calendars.insert(summary.key.clone(), Arc::new(ready));
                        }
                        // Publishing refuses such; a tz database of another age may know a zone less.
                        Err(error) => {
                            tracing::error!(%error, key = summary.key, "a published calendar cannot be used");
                        }
                    },
                    Body::CustomerType(schema) => {
                        catalogue
                            .add_fields("customer", schema.fields.iter().map(|f| f.key.as_str()));
                        types.push((version, Arc::new(schema.clone())));
                    }
                    Body::Process(process) => {
                        let activities = process
                            .document()
                            .ok()
                            .map(|document| activities(process, &document))
                            .unwrap_or_default();
                        catalogue.processes.push(access::catalogue::Process {
                            key: process.key.clone(),
                            activities,
                        });
                        processes.push(ProcessLine {
                            key: process.key.clone(),
                            version,
                            name: process.name.clone(),
                            customer_type: process.customer_type.clone(),
                        });
                    }
                    _ => {}
                }
            }
            match part.next {
                Some(cursor) => page.cursor = Some(cursor),
                None => break,
            }
        }
    }
    Ok(Current {
        portfolio: Arc::new(Portfolio::new(types)),
        catalogue: Arc::new(catalogue),
        processes: Arc::new(processes),
        groups,
        calendars: Arc::new(calendars),
    })
}

/// Ids of what people do in a process.
fn activities(process: &design::ProcessDefinition, document: &flow::Definitions) -> Vec<String> {
    let Some(running) = process.running(document) else {
        return Vec::new();
    };
    running
        .elements
        .iter()
        .filter(|element| element.is_activity())
        .map(|element| element.id.to_string())
        .collect()
}

/// A process of the definitions as the runner wants it.
pub fn compiled(definition: &design::ProcessDefinition, version: i64) -> Result<runner::Published> {
    let broken = |problems: Vec<flow::Problem>| {
        let told = problems
            .iter()
            .map(|p| p.sentence(Language::En))
            .collect::<Vec<_>>()
            .join("; ");
        Error::internal(format!(
            "published process {} {version} does not compile: {told}",
            definition.key
        ))
    };
    let document = definition.document().map_err(broken)?;
    let running = definition
        .running(&document)
        .ok_or_else(|| Error::not_found("process"))?;
    let name = flow::model::Text {
        es: definition.name.es.clone(),
        en: definition.name.en.clone(),
    };
    let published =
        runner::Published::compile(&document, &running.id, &definition.key, version, name)
            .map_err(broken)?;
    // A process with a calendar counts its time by it, one without counts always.
    let allowance = definition.duration.as_ref().map(|text| runner::Allowance {
        text: text.clone(),
        business: definition.calendar.is_some(),
    });
    Ok(published
        .by_calendar(definition.calendar.clone())
        .within(allowance))
}

/// The runner's processes, out of what is published. A version never changes, so that its plan is made once.
struct PublishedPlans {
    db: Db,
    definitions: Published,
    compiled: RwLock<HashMap<(String, i64), Arc<runner::Published>>>,
}

impl Plans for PublishedPlans {
    fn plan<'a>(
        &'a self,
        process: &'a str,
        version: i64,
    ) -> BoxFuture<'a, Result<Arc<runner::Published>>> {
        Box::pin(async move {
            let place = (process.to_owned(), version);
            let known = self
                .compiled
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&place)
                .cloned();
            if let Some(plan) = known {
                return Ok(plan);
            }
            let body = self
                .definitions
                .version(&mut self.db.read().await?, Kind::Process, process, version)
                .await?;
            let Body::Process(definition) = &*body else {
                return Err(Error::not_found("process"));
            };
            let plan = Arc::new(compiled(definition, version)?);
            self.compiled
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(place, Arc::clone(&plan));
            Ok(plan)
        })
    }

    fn newest<'a>(&'a self, process: &'a str) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move {
            let newest = design::latest(&mut self.db.read().await?, Kind::Process, process).await?;
            newest.ok_or_else(|| Error::not_found("process"))
        })
    }
}

/// The runner's people, out of the directory.
struct DirectoryPeople {
    db: Db,
}

impl runner::People for DirectoryPeople {
    /// The directory knows no deputies yet: work goes to whoever it would go to.
    fn deputy(&self, _user: Id<ledger::User>) -> BoxFuture<'_, Result<Option<Id<ledger::User>>>> {
        Box::pin(async { Ok(None) })
    }
    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<Vec<Id<ledger::User>>>> {
        Box::pin(
            async move { directory::groups::member_ids(&mut self.db.read().await?, group).await },
        )
    }
    fn owner(
        &self,
        customer: Id<runner::Customer>,
    ) -> BoxFuture<'_, Result<Option<Id<ledger::User>>>> {
        Box::pin(
            async move { desk::customer::owner(&mut self.db.read().await?, customer.cast()).await },
        )
    }
    fn user<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Id<ledger::User>>>> {
        Box::pin(async move {
            let found = directory::users::find_by_login(&mut self.db.read().await?, key).await?;
            Ok(found.map(|user| user.id))
        })
    }
}

/// What works in the background on this node.
pub struct Workers {
    runner: runner::Working,
    chores: jobs::Working,
    stopping: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Workers {
    pub fn start(db: &Db, ambient: &Ambient, rooms: &Arc<Rooms>, config: &Config) -> Self {
        let stopping = CancellationToken::new();
        let plan = chores::plan(
            db.clone(),
            ambient.clone(),
            config.clone(),
            stopping.clone(),
        );
        let follow = follow_publications(db.clone(), Arc::clone(rooms), stopping.clone());
        let trim = trim(db.clone(), ambient.clone(), stopping.clone());
        let imports = import_lists(
            db.clone(),
            ambient.clone(),
            Arc::clone(rooms),
            stopping.clone(),
        );
        Self {
            runner: rooms.runner.work(),
            chores: chores::worker(db, ambient, config),
            tasks: vec![
                tokio::spawn(plan),
                tokio::spawn(follow),
                tokio::spawn(trim),
                tokio::spawn(look_elsewhere(rooms.sessions.clone(), stopping.clone())),
                tokio::spawn(imports),
            ],
            stopping,
        }
    }

    pub async fn stop(self) {
        self.stopping.cancel();
        self.runner.stop().await;
        self.chores.stop().await;
        for task in self.tasks {
            // A task that panicked has been logged; stopping goes on.
            let _ = task.await;
        }
    }
}

/// What another node publishes (or a group that it adds) takes effect here too: at once by signal, after a minute in any
/// case.
async fn follow_publications(db: Db, rooms: Arc<Rooms>, stopping: CancellationToken) {
    let mut signals = db.signals().subscribe();
    loop {
        if let Err(error) = rooms.listen().await {
            tracing::warn!(%error, "could not listen for start events; trying again");
        }
        let published = async {
            loop {
                match signals.recv().await {
                    Ok(signal)
                        if [design::SIGNAL, "access", level::SIGNAL]
                            .contains(&signal.topic.as_str()) =>
                    {
                        return;
                    }
                    Ok(_) => {}
                    // Some were missed: one of them may have been ours.
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => return,
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => {
                        std::future::pending::<()>().await;
                    }
                }
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = published => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
        }
        if let Err(error) = rooms.refresh(&db).await {
            tracing::warn!(%error, "could not read what is published");
        }
        if let Err(error) = rooms.refresh_levels(&db).await {
            tracing::warn!(%error, "could not read how much is recorded");
        }
    }
}

/// What somebody may do now, whatever they might do when they started something.
struct RightsNow(Db);

impl desk::import::Rights for RightsNow {
    async fn of(&self, user: Id<ledger::User>) -> Result<Policy> {
        let eyes = directory::eyes::of(&mut self.0.read().await?, user.cast()).await?;
        let eyes = eyes.filter(|eyes| eyes.user.active);
        Ok(eyes.map_or_else(Policy::nothing, |eyes| eyes.policy))
    }
}

/// Carries out the lists that were started, one after the other. A list that this node held when it was killed is taken up
/// again when its lease has run out.
async fn import_lists(db: Db, ambient: Ambient, rooms: Arc<Rooms>, stopping: CancellationToken) {
    let mut signals = db.signals().subscribe();
    while !stopping.is_cancelled() {
        let portfolio = rooms.portfolio();
        let rights = RightsNow(db.clone());
        let work = desk::import::work(&db, &ambient, &portfolio, &rights);
        let done = tokio::select! {
            () = stopping.cancelled() => return,
            done = work => done,
        };
        match done {
            Ok(Some(_)) => continue,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a list waits to be taken up again"),
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = signals.recv() => {}
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}

/// Who was disabled in the company's directory, or at its identity provider, is signed out here within a minute.
async fn look_elsewhere(sessions: Sessions, stopping: CancellationToken) {
    if !sessions.has_directory() {
        return;
    }
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(20)) => {}
        }
        match sessions.look_elsewhere().await {
            Ok(0) => {}
            Ok(ended) => tracing::info!(ended, "the directory no longer lets these users in"),
            Err(error) => {
                tracing::warn!(%error, "could not ask the directory who may still be here");
            }
        }
    }
}

/// Idempotency keys are forgotten after their time.
async fn trim(db: Db, ambient: Ambient, stopping: CancellationToken) {
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(3_600)) => {}
        }
        if let Err(error) = store::idempotency::trim(&db, ambient.now()).await {
            tracing::warn!(%error, "could not forget old idempotency keys");
        }
    }
}
