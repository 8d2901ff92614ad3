//! F1 and F2: nodes killed at random instants while they work; a node frozen beyond its leases.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kernel::Clock as _;
use store::SystemClock;
use tokio::time::sleep;

use super::check::{self, Checked};
use super::fleet::{Journal, Node};
use super::{Dice, Score, Size};
use crate::database::ask;
use crate::{Database, Place};

/// How long the others may take to go on with what a lost node held.
const TAKEN_OVER: Duration = Duration::from_secs(15);
const SETTLED: Duration = Duration::from_secs(60);

struct Storm {
    kills: usize,
    /// Of the double that acknowledges too early.
    early: bool,
    /// After every so many kills the node stays away, and the others' time is taken.
    look_every: usize,
}

struct Seen {
    checked: Checked,
    /// From the start of the program to the first work done, worst.
    first_work: Duration,
    taken_over: Vec<Duration>,
}

async fn storm(place: &Place, database: &Database, nodes: usize, storm: &Storm) -> Result<Seen> {
    let journal = Journal::default();
    // Of the double there must always be some that were promised and not yet asked for.
    let (early, rate) = if storm.early {
        ("1", "100")
    } else {
        ("0", "25")
    };
    let variables = [
        ("START", "effect plain effect remote"),
        ("RATE", rate),
        ("EARLY", early),
    ];
    let mut fleet = (0..nodes)
        .map(|n| {
            let name = format!("node{n}");
            Node::start(place.path(), &name, database.url(), &journal, &variables)
        })
        .collect::<Result<Vec<_>>>()?;
    let db = check::open(database.url()).await?;
    let mut dice = Dice::new(1);
    let mut first_work = Duration::ZERO;
    let mut taken_over = Vec::new();
    for kill in 1..=storm.kills {
        sleep(Duration::from_millis(50 + dice.below(700))).await;
        let victim = usize::try_from(dice.below(nodes as u64))?;
        fleet[victim].kill();
        if nodes > 1 && kill % storm.look_every == 0 {
            let (killed, limit) = (SystemClock.now(), Instant::now());
            while check::open_older(&db, killed).await? > 0 && limit.elapsed() < 3 * TAKEN_OVER {
                sleep(Duration::from_millis(100)).await;
            }
            taken_over.push(limit.elapsed());
        }
        let began = Instant::now();
        fleet[victim].restart()?;
        if nodes == 1 && kill % 10 == 0 {
            while journal.first_work(began).is_none() && began.elapsed() < Duration::from_secs(20) {
                sleep(Duration::from_millis(20)).await;
            }
            first_work = first_work.max(journal.first_work(began).unwrap_or(began.elapsed()));
        }
    }
    // Whoever is there now brings to an end what is under way.
    for node in &mut fleet {
        node.set("RATE", "0");
        node.restart()?;
    }
    let checked = check::settled(&db, place.path(), &journal, SETTLED).await?;
    for node in &mut fleet {
        ensure!(
            node.is_running(),
            "{} has ended by itself: {}",
            node.name,
            node.log()
        );
    }
    db.close().await;
    Ok(Seen {
        checked,
        first_work,
        taken_over,
    })
}

pub(super) async fn file(size: Size) -> Result<Vec<Score>> {
    let kills = size.of(20, 500);
    let place = Place::new("f1")?;
    let database = Database::file(&place);
    let plan = Storm {
        kills,
        early: false,
        look_every: usize::MAX,
    };
    let seen = storm(&place, &database, 1, &plan).await?;
    let mut scores = vec![
        Score::held(
            format!("F1 SQLite, {kills} kills: nothing lost, stuck or done twice"),
            seen.checked.is_whole() && seen.checked.acknowledged >= 2 * kills,
            seen.checked.words(),
        ),
        Score::held(
            "F1 first work after a start within 2 s",
            seen.first_work <= Duration::from_secs(size.of(10, 2)),
            format!("worst {} ms", seen.first_work.as_millis()),
        ),
    ];
    let whole = check_file(&database).await?;
    scores.push(Score::held("F1 the file is whole", whole == "ok", whole));

    // Control: the same under a client that says yes before it has asked.
    let place = Place::new("f1-early")?;
    let database = Database::file(&place);
    let plan = Storm {
        kills: 10,
        early: true,
        look_every: usize::MAX,
    };
    let seen = storm(&place, &database, 1, &plan).await?;
    scores.push(Score::held(
        "F1 control, acknowledged before asked: must be found",
        seen.checked.lost > 0,
        seen.checked.words(),
    ));
    scores.push(put_back().await?);
    Ok(scores)
}

/// SQLite's own look at its file.
async fn check_file(database: &Database) -> Result<String> {
    let db = check::open(database.url()).await?;
    let (said,) = {
        let mut reads = db
            .read()
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        async { store::fetch_one!(&mut reads, (String,), INTEGRITY) }
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))?
    };
    db.close().await;
    Ok(said)
}

store::statements! {
    /// Of SQLite only.
    INTEGRITY = "SELECT integrity_check FROM pragma_integrity_check", "SELECT 'ok'";
    ANSWERS = "SELECT id, data FROM instance WHERE process = 'slow' AND state = 'completed'";
}

/// Control: the database as it was some seconds before, put back after a kill.
async fn put_back() -> Result<Score> {
    let place = Place::new("f1-back")?;
    let database = Database::file(&place);
    let journal = Journal::default();
    let variables = [("START", "plain"), ("RATE", "25")];
    let mut node = Node::start(place.path(), "node0", database.url(), &journal, &variables)?;
    sleep(Duration::from_secs(2)).await;
    node.kill();
    let file = place.path().join("engage.db");
    let parts = ["engage.db", "engage.db-wal"].map(|name| place.path().join(name));
    let kept = fs::read(&file).context("the database's file")?;
    let log = fs::read(&parts[1]).unwrap_or_default();
    node.restart()?;
    sleep(Duration::from_secs(2)).await;
    node.kill();
    fs::write(&file, kept)?;
    fs::write(&parts[1], log)?;
    drop(fs::remove_file(place.path().join("engage.db-shm")));
    node.set("RATE", "0");
    node.restart()?;
    let db = check::open(database.url()).await?;
    let checked = check::settled(&db, place.path(), &journal, SETTLED).await?;
    Ok(Score::held(
        "F1 control, an older copy of the file put back: must be found",
        checked.lost > 0,
        checked.words(),
    ))
}

fn postgres() -> Result<Database> {
    Database::postgres()?.context("this scenario wants PostgreSQL: ENGAGE_TEST_POSTGRES")
}

pub(super) async fn two_nodes(size: Size) -> Result<Vec<Score>> {
    let kills = size.of(20, 500);
    let place = Place::new("f2")?;
    let database = postgres()?;
    let plan = Storm {
        kills,
        early: false,
        look_every: size.of(20, 25),
    };
    let seen = storm(&place, &database, 2, &plan).await?;
    let worst = seen.taken_over.iter().max().copied().unwrap_or_default();
    let mut scores = vec![
        Score::held(
            format!("F2 two nodes on PostgreSQL, {kills} kills: nothing lost, stuck or done twice"),
            seen.checked.is_whole() && seen.checked.acknowledged >= 2 * kills,
            seen.checked.words(),
        ),
        Score::held(
            "F2 the other node has brought to an end what the dead one held within 15 s",
            worst <= TAKEN_OVER && !seen.taken_over.is_empty(),
            format!(
                "{} times, worst {:.1} s",
                seen.taken_over.len(),
                worst.as_secs_f64()
            ),
        ),
    ];
    let rounds = size.of(1, 10);
    let (mut late, mut refused) = (0, 0);
    for _ in 0..rounds {
        let seen = frozen(None).await?;
        late += seen.0;
        refused += seen.1;
    }
    scores.push(Score::held(
        "F2 what a frozen node commits after its leases is refused",
        late > 0 && late == refused,
        format!("{refused} of {late} late commits refused in {rounds} rounds"),
    ));
    let (late, refused) = frozen(Some(FENCE_HELD_STILL)).await?;
    scores.push(Score::held(
        "F2 control, the fence held still by a trigger: must be found",
        refused < late,
        format!("{refused} of {late} late commits refused"),
    ));
    let took = taken_over_with(LEASES_PROLONGED).await?;
    scores.push(Score::held(
        "F2 control, leases prolonged by a trigger: must be found",
        took > TAKEN_OVER,
        format!("not taken over after {:.1} s", took.as_secs_f64()),
    ));
    Ok(scores)
}

const FENCE_HELD_STILL: &str = "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS \
    'BEGIN NEW.fence := OLD.fence; RETURN NEW; END'; \
    CREATE TRIGGER spoil BEFORE UPDATE ON job FOR EACH ROW EXECUTE FUNCTION spoil()";

const LEASES_PROLONGED: &str = "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS \
    'BEGIN IF NEW.state = ''leased'' THEN NEW.due := NEW.due + interval ''1 hour''; END IF; RETURN NEW; END'; \
    CREATE TRIGGER spoil BEFORE UPDATE ON job FOR EACH ROW EXECUTE FUNCTION spoil()";

/// A node freezes while it is at work, another takes its work over and is at it, the first one goes on: how many of its
/// commits came too late, and how many of those were refused.
async fn frozen(spoilt: Option<&str>) -> Result<(usize, usize)> {
    let place = Place::new("f2-frozen")?;
    let database = postgres()?;
    let journal = Journal::default();
    let variables = [("START", "slow"), ("RATE", "10"), ("SLOW", "4000")];
    let first = Node::start(place.path(), "first", database.url(), &journal, &variables)?;
    if let Some(statement) = spoilt {
        ask(database.url(), statement)?;
    }
    let taken = |node: &str| {
        let asked = check::asked(place.path()).into_iter();
        asked
            .filter(|line| line.1 == node)
            .map(|line| line.0)
            .collect::<Vec<_>>()
    };
    let began = Instant::now();
    while taken("first").len() < 10 && began.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(50)).await;
    }
    first.freeze()?;
    let variables = [("SLOW", "4000"), ("RATE", "0")];
    let second = Node::start(place.path(), "second", database.url(), &journal, &variables)?;
    let began = Instant::now();
    while taken("second").is_empty() && began.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(50)).await;
    }
    // Its leases ran out one after the other.
    sleep(Duration::from_millis(1_500)).await;
    first.thaw()?;
    let late = taken("first");
    let late: Vec<String> = taken("second")
        .into_iter()
        .filter(|key| late.contains(key))
        .collect();
    // The first has begun them, and all their time has passed while it was frozen: it commits at once, if it is let.
    let db = check::open(database.url()).await?;
    let checked = check::settled(&db, place.path(), &journal, SETTLED).await?;
    ensure!(
        checked.lost == 0 && checked.doubled == 0,
        "{}",
        checked.words()
    );
    // An effect's key begins with its instance; the answer that counted names its node. Of those that the second had taken
    // over when the first went on, all must be the second's.
    let mut refused = 0;
    for (key, by) in answers(&db).await? {
        refused += usize::from(late.iter().any(|late| late.starts_with(&key)) && by == "second");
    }
    drop((first, second));
    db.close().await;
    Ok((late.len(), refused))
}

/// Of each slow instance: its id, and the node whose answer it has.
async fn answers(db: &store::Db) -> Result<Vec<(String, String)>> {
    type Row = (
        kernel::Id<runner::Instance>,
        sqlx::types::Json<serde_json::Value>,
    );
    let rows = async { store::fetch_all!(&mut db.read().await?, Row, ANSWERS) }
        .await
        .map_err(|error: kernel::Error| anyhow::anyhow!("{error}"))?;
    let answer = |row: Row| {
        let by = check::find(&row.1.0, "by").unwrap_or_default().to_owned();
        (row.0.to_string(), by)
    };
    Ok(rows.into_iter().map(answer).collect())
}

/// How long two nodes take to bring to an end what a third one held, under a spoilt database; at most a little more than
/// what is allowed.
async fn taken_over_with(spoilt: &str) -> Result<Duration> {
    let place = Place::new("f2-spoilt")?;
    let database = postgres()?;
    let journal = Journal::default();
    let variables = [("START", "slow"), ("RATE", "10"), ("SLOW", "1500")];
    let mut first = Node::start(place.path(), "first", database.url(), &journal, &variables)?;
    ask(database.url(), spoilt)?;
    sleep(Duration::from_millis(2_000)).await;
    first.kill();
    let (killed, began) = (SystemClock.now(), Instant::now());
    let variables = [("SLOW", "10"), ("RATE", "0")];
    let _second = Node::start(place.path(), "second", database.url(), &journal, &variables)?;
    let db = check::open(database.url()).await?;
    while check::open_older(&db, killed).await? > 0
        && began.elapsed() <= TAKEN_OVER + Duration::from_secs(1)
    {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(began.elapsed())
}
