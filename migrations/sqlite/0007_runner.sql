-- owner: runner
-- A running or finished process. The hot row: small, rewritten at every advance.
CREATE TABLE instance (
    id BLOB NOT NULL PRIMARY KEY,
    process TEXT NOT NULL,
    process_version INTEGER NOT NULL,
    customer BLOB,
    state TEXT NOT NULL CHECK (state IN ('running', 'completed', 'cancelled', 'failed')),
    -- Raised at every advance; also the number of its last step.
    version INTEGER NOT NULL,
    -- The kernel's state.
    data TEXT NOT NULL CHECK (json_valid(data)),
    incidents INTEGER NOT NULL,
    -- The call activity that waits for it.
    parent BLOB,
    parent_activity INTEGER,
    started TEXT NOT NULL,
    started_by BLOB,
    ended TEXT
) STRICT;
CREATE INDEX instance_customer_started_idx ON instance (customer, started) WHERE customer IS NOT NULL;
CREATE INDEX instance_process_started_idx ON instance (process, started);
CREATE INDEX instance_parent_idx ON instance (parent) WHERE parent IS NOT NULL;

-- owner: runner
-- What moved an instance and what came of it, advance by advance: stage tracking, and enough to replay the instance.
CREATE TABLE instance_step (
    instance BLOB NOT NULL,
    -- The instance's version after it.
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    user_id BLOB,
    user_name TEXT NOT NULL,
    event TEXT NOT NULL CHECK (json_valid(event)),
    -- Elements entered and left, flows taken, in order.
    trace TEXT NOT NULL CHECK (json_valid(trace)),
    PRIMARY KEY (instance, number)
) STRICT;

-- owner: runner
-- Messages and signals that instances wait for.
CREATE TABLE instance_wait (
    instance BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'signal')),
    name TEXT NOT NULL,
    correlation TEXT,
    PRIMARY KEY (instance, number)
) STRICT;
CREATE INDEX instance_wait_name_correlation_idx ON instance_wait (name, correlation);

-- owner: runner
-- An activity that waits for a person.
CREATE TABLE work_item (
    id BLOB NOT NULL PRIMARY KEY,
    instance BLOB NOT NULL,
    -- Its number within the instance.
    activity INTEGER NOT NULL,
    process TEXT NOT NULL,
    process_version INTEGER NOT NULL,
    customer BLOB,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'completed', 'withdrawn')),
    -- Key of the group in whose inbox it lies.
    group_key TEXT,
    assignee BLOB,
    -- Why it lies where it lies: strategy and what it found.
    reason TEXT NOT NULL CHECK (json_valid(reason)),
    -- Who sent it: closed the step before, or assigned it.
    sender BLOB,
    -- How many rungs of its escalation ladder it has climbed.
    level INTEGER NOT NULL,
    due TEXT,
    opened TEXT NOT NULL,
    closed TEXT,
    closed_by BLOB,
    outcome TEXT,
    inputs TEXT NOT NULL CHECK (json_valid(inputs)),
    -- What was filled in when it was closed.
    answer TEXT CHECK (json_valid(answer)),
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX work_item_instance_activity_key ON work_item (instance, activity);
CREATE INDEX work_item_group_key_due_idx ON work_item (group_key, due) WHERE state IN ('open', 'claimed');
CREATE INDEX work_item_assignee_due_idx ON work_item (assignee, due) WHERE state IN ('open', 'claimed');
CREATE INDEX work_item_closed_by_closed_idx ON work_item (closed_by, closed) WHERE closed_by IS NOT NULL;
CREATE INDEX work_item_customer_opened_idx ON work_item (customer, opened) WHERE customer IS NOT NULL;

-- owner: runner
-- Steps that could not go on. The token waits; nothing is lost.
CREATE TABLE incident (
    id BLOB NOT NULL PRIMARY KEY,
    instance BLOB NOT NULL,
    activity INTEGER NOT NULL,
    process TEXT NOT NULL,
    process_version INTEGER NOT NULL,
    element TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    raised TEXT NOT NULL,
    resolved TEXT,
    resolved_by BLOB
) STRICT;
CREATE UNIQUE INDEX incident_instance_activity_key ON incident (instance, activity) WHERE resolved IS NULL;
CREATE INDEX incident_process_element_code_idx ON incident (process, process_version, element, code) WHERE resolved IS NULL;

-- owner: runner
-- Whose turn was last in a group that is served in turn.
CREATE TABLE assignment_turn (
    group_key TEXT NOT NULL PRIMARY KEY,
    last_user BLOB NOT NULL
) STRICT;

-- owner: runner
-- What screens hear of, in the order of commits. One row holds what one transaction had to say.
CREATE TABLE live_event (
    number INTEGER NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    entries TEXT NOT NULL CHECK (json_valid(entries))
) STRICT;
CREATE INDEX live_event_at_idx ON live_event (at);

-- owner: runner
-- The number of the last live event. Whoever writes events holds this row until its commit: hence numbers follow commits.
CREATE TABLE live_event_head (
    id INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;
INSERT INTO live_event_head (id, last) VALUES (1, 0);
