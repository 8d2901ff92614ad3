-- owner: runner
-- What of published processes waits for a message, a signal, a time or a condition to begin an instance: of the newest version
-- of each.
CREATE TABLE process_start (
    id uuid NOT NULL PRIMARY KEY,
    process text NOT NULL,
    version bigint NOT NULL,
    element text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'signal', 'timer', 'conditional')),
    -- Name of the message or signal; the timer's or condition's text.
    what text NOT NULL,
    -- For a timer: the instant that it begins next; absent when none is left.
    slot timestamptz,
    -- For a timer: its first instant, from which the others are counted.
    first timestamptz,
    -- For a timer: how many instants have passed.
    passed bigint NOT NULL
);
CREATE INDEX process_start_process_idx ON process_start (process);
CREATE INDEX process_start_kind_what_idx ON process_start (kind, what);

-- owner: runner
-- Which version of a process the rows above are of.
CREATE TABLE process_listening (
    process text NOT NULL PRIMARY KEY,
    version bigint NOT NULL
);

-- owner: runner
-- Messages that nobody awaits yet, until their time is over.
CREATE TABLE kept_message (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    correlation text,
    variables jsonb NOT NULL,
    customer uuid,
    at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    user_id uuid,
    user_name text NOT NULL
);
CREATE INDEX kept_message_name_idx ON kept_message (name);
CREATE INDEX kept_message_until_idx ON kept_message (until);

-- owner: runner
-- Instances moved to another version, with what is needed to take it back.
CREATE TABLE instance_move (
    id uuid NOT NULL PRIMARY KEY,
    instance uuid NOT NULL,
    -- The instance's version after it.
    number bigint NOT NULL,
    from_version bigint NOT NULL,
    to_version bigint NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    user_name text NOT NULL,
    reason text NOT NULL,
    before jsonb NOT NULL,
    undone timestamptz
);
CREATE INDEX instance_move_instance_idx ON instance_move (instance);

-- owner: runner
-- Something to be done to many instances or incidents, part by part.
CREATE TABLE bulk (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('move', 'retry')),
    state text NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    ask jsonb NOT NULL,
    done bigint NOT NULL,
    refused bigint NOT NULL,
    at timestamptz NOT NULL,
    ended timestamptz,
    user_id uuid,
    user_name text NOT NULL,
    reason text NOT NULL
);
CREATE INDEX bulk_at_idx ON bulk (at);

-- owner: runner
-- What became of each; those that were refused say why.
CREATE TABLE bulk_result (
    bulk uuid NOT NULL,
    subject uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('done', 'stays', 'refused')),
    detail jsonb NOT NULL,
    PRIMARY KEY (bulk, subject)
);

-- owner: runner
-- Budgets of time: of an instance as a whole, or of one of its work items once it has been paused.
CREATE TABLE sla (
    id uuid NOT NULL PRIMARY KEY,
    instance uuid NOT NULL,
    -- The work item's activity; -1 for the instance as a whole.
    activity bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'paused', 'met', 'breached')),
    -- In microseconds of the calendar.
    budget bigint NOT NULL,
    spent bigint NOT NULL,
    -- Key of the calendar; absent: hours that always run.
    calendar text,
    -- While it runs: since when.
    since timestamptz,
    -- While it runs: when the budget is used up.
    due timestamptz,
    -- While it is paused: what is left of its timers, in microseconds.
    parked jsonb NOT NULL
);
CREATE UNIQUE INDEX sla_instance_activity_key ON sla (instance, activity);

-- owner: runner
-- Why a budget ran or stood still, from when to when. Only ever appended.
CREATE TABLE sla_entry (
    sla uuid NOT NULL,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    what text NOT NULL CHECK (what IN ('begun', 'paused', 'resumed', 'breached', 'met')),
    reason text NOT NULL,
    user_id uuid,
    user_name text NOT NULL,
    -- Used up until then, in microseconds.
    spent bigint NOT NULL,
    PRIMARY KEY (sla, number)
);

-- Since when the customer is awaited: the work item's time stands still.
ALTER TABLE work_item ADD COLUMN paused timestamptz;
-- Its budget, once it has been paused.
ALTER TABLE work_item ADD COLUMN sla uuid;

-- owner: runner
-- What people can do and how well, for handing out work: 1 is a beginner, 5 a master.
CREATE TABLE assignment_skill (
    user_id uuid NOT NULL,
    skill text NOT NULL,
    level bigint NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (user_id, skill)
);
CREATE INDEX assignment_skill_skill_idx ON assignment_skill (skill, level);

-- owner: runner
-- Who stands in for whom, and from when to when.
CREATE TABLE assignment_deputy (
    user_id uuid NOT NULL PRIMARY KEY,
    deputy uuid NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL
);
