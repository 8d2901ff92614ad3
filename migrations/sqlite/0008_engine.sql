-- owner: runner
-- What of published processes waits for a message, a signal, a time or a condition to begin an instance: of the newest version
-- of each.
CREATE TABLE process_start (
    id BLOB NOT NULL PRIMARY KEY,
    process TEXT NOT NULL,
    version INTEGER NOT NULL,
    element TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'signal', 'timer', 'conditional')),
    -- Name of the message or signal; the timer's or condition's text.
    what TEXT NOT NULL,
    -- For a timer: the instant that it begins next; absent when none is left.
    slot TEXT,
    -- For a timer: its first instant, from which the others are counted.
    first TEXT,
    -- For a timer: how many instants have passed.
    passed INTEGER NOT NULL
) STRICT;
CREATE INDEX process_start_process_idx ON process_start (process);
CREATE INDEX process_start_kind_what_idx ON process_start (kind, what);

-- owner: runner
-- Which version of a process the rows above are of.
CREATE TABLE process_listening (
    process TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT;

-- owner: runner
-- Messages that nobody awaits yet, until their time is over.
CREATE TABLE kept_message (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    correlation TEXT,
    variables TEXT NOT NULL CHECK (json_valid(variables)),
    customer BLOB,
    at TEXT NOT NULL,
    until TEXT NOT NULL,
    user_id BLOB,
    user_name TEXT NOT NULL
) STRICT;
CREATE INDEX kept_message_name_idx ON kept_message (name);
CREATE INDEX kept_message_until_idx ON kept_message (until);

-- owner: runner
-- Instances moved to another version, with what is needed to take it back.
CREATE TABLE instance_move (
    id BLOB NOT NULL PRIMARY KEY,
    instance BLOB NOT NULL,
    -- The instance's version after it.
    number INTEGER NOT NULL,
    from_version INTEGER NOT NULL,
    to_version INTEGER NOT NULL,
    at TEXT NOT NULL,
    user_id BLOB,
    user_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    before TEXT NOT NULL CHECK (json_valid(before)),
    undone TEXT
) STRICT;
CREATE INDEX instance_move_instance_idx ON instance_move (instance);

-- owner: runner
-- Something to be done to many instances or incidents, part by part.
CREATE TABLE bulk (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('move', 'retry')),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    ask TEXT NOT NULL CHECK (json_valid(ask)),
    done INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    at TEXT NOT NULL,
    ended TEXT,
    user_id BLOB,
    user_name TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX bulk_at_idx ON bulk (at);

-- owner: runner
-- What became of each; those that were refused say why.
CREATE TABLE bulk_result (
    bulk BLOB NOT NULL,
    subject BLOB NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('done', 'stays', 'refused')),
    detail TEXT NOT NULL CHECK (json_valid(detail)),
    PRIMARY KEY (bulk, subject)
) STRICT;

-- owner: runner
-- Budgets of time: of an instance as a whole, or of one of its work items once it has been paused.
CREATE TABLE sla (
    id BLOB NOT NULL PRIMARY KEY,
    instance BLOB NOT NULL,
    -- The work item's activity; -1 for the instance as a whole.
    activity INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'met', 'breached')),
    -- In microseconds of the calendar.
    budget INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    -- Key of the calendar; absent: hours that always run.
    calendar TEXT,
    -- While it runs: since when.
    since TEXT,
    -- While it runs: when the budget is used up.
    due TEXT,
    -- While it is paused: what is left of its timers, in microseconds.
    parked TEXT NOT NULL CHECK (json_valid(parked))
) STRICT;
CREATE UNIQUE INDEX sla_instance_activity_key ON sla (instance, activity);

-- owner: runner
-- Why a budget ran or stood still, from when to when. Only ever appended.
CREATE TABLE sla_entry (
    sla BLOB NOT NULL,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('begun', 'paused', 'resumed', 'breached', 'met')),
    reason TEXT NOT NULL,
    user_id BLOB,
    user_name TEXT NOT NULL,
    -- Used up until then, in microseconds.
    spent INTEGER NOT NULL,
    PRIMARY KEY (sla, number)
) STRICT;

-- Since when the customer is awaited: the work item's time stands still.
ALTER TABLE work_item ADD COLUMN paused TEXT;
-- Its budget, once it has been paused.
ALTER TABLE work_item ADD COLUMN sla BLOB;

-- owner: runner
-- What people can do and how well, for handing out work: 1 is a beginner, 5 a master.
CREATE TABLE assignment_skill (
    user_id BLOB NOT NULL,
    skill TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (user_id, skill)
) STRICT;
CREATE INDEX assignment_skill_skill_idx ON assignment_skill (skill, level);

-- owner: runner
-- Who stands in for whom, and from when to when.
CREATE TABLE assignment_deputy (
    user_id BLOB NOT NULL PRIMARY KEY,
    deputy BLOB NOT NULL,
    begins TEXT NOT NULL,
    ends TEXT NOT NULL
) STRICT;
