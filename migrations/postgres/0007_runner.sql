-- owner: runner
-- A running or finished process. The hot row: small, rewritten at every advance.
CREATE TABLE instance (
    id uuid NOT NULL PRIMARY KEY,
    process text NOT NULL,
    process_version bigint NOT NULL,
    customer uuid,
    state text NOT NULL CHECK (state IN ('running', 'completed', 'cancelled', 'failed')),
    -- Raised at every advance; also the number of its last step.
    version bigint NOT NULL,
    -- The kernel's state.
    data jsonb NOT NULL,
    incidents bigint NOT NULL,
    -- The call activity that waits for it.
    parent uuid,
    parent_activity bigint,
    started timestamptz NOT NULL,
    started_by uuid,
    ended timestamptz
);
CREATE INDEX instance_customer_started_idx ON instance (customer, started) WHERE customer IS NOT NULL;
CREATE INDEX instance_process_started_idx ON instance (process, started);
CREATE INDEX instance_parent_idx ON instance (parent) WHERE parent IS NOT NULL;

-- owner: runner
-- What moved an instance and what came of it, advance by advance: stage tracking, and enough to replay the instance.
CREATE TABLE instance_step (
    instance uuid NOT NULL,
    -- The instance's version after it.
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    user_name text NOT NULL,
    event jsonb NOT NULL,
    -- Elements entered and left, flows taken, in order.
    trace jsonb NOT NULL,
    PRIMARY KEY (instance, number)
);

-- owner: runner
-- Messages and signals that instances wait for.
CREATE TABLE instance_wait (
    instance uuid NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'signal')),
    name text NOT NULL,
    correlation text,
    PRIMARY KEY (instance, number)
);
CREATE INDEX instance_wait_name_correlation_idx ON instance_wait (name, correlation);

-- owner: runner
-- An activity that waits for a person.
CREATE TABLE work_item (
    id uuid NOT NULL PRIMARY KEY,
    instance uuid NOT NULL,
    -- Its number within the instance.
    activity bigint NOT NULL,
    process text NOT NULL,
    process_version bigint NOT NULL,
    customer uuid,
    element text NOT NULL,
    name text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'claimed', 'completed', 'withdrawn')),
    -- Key of the group in whose inbox it lies.
    group_key text,
    assignee uuid,
    -- Why it lies where it lies: strategy and what it found.
    reason jsonb NOT NULL,
    -- Who sent it: closed the step before, or assigned it.
    sender uuid,
    -- How many rungs of its escalation ladder it has climbed.
    level bigint NOT NULL,
    due timestamptz,
    opened timestamptz NOT NULL,
    closed timestamptz,
    closed_by uuid,
    outcome text,
    inputs jsonb NOT NULL,
    -- What was filled in when it was closed.
    answer jsonb,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX work_item_instance_activity_key ON work_item (instance, activity);
CREATE INDEX work_item_group_key_due_idx ON work_item (group_key, due) WHERE state IN ('open', 'claimed');
CREATE INDEX work_item_assignee_due_idx ON work_item (assignee, due) WHERE state IN ('open', 'claimed');
CREATE INDEX work_item_closed_by_closed_idx ON work_item (closed_by, closed) WHERE closed_by IS NOT NULL;
CREATE INDEX work_item_customer_opened_idx ON work_item (customer, opened) WHERE customer IS NOT NULL;

-- owner: runner
-- Steps that could not go on. The token waits; nothing is lost.
CREATE TABLE incident (
    id uuid NOT NULL PRIMARY KEY,
    instance uuid NOT NULL,
    activity bigint NOT NULL,
    process text NOT NULL,
    process_version bigint NOT NULL,
    element text NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    raised timestamptz NOT NULL,
    resolved timestamptz,
    resolved_by uuid
);
CREATE UNIQUE INDEX incident_instance_activity_key ON incident (instance, activity) WHERE resolved IS NULL;
CREATE INDEX incident_process_element_code_idx ON incident (process, process_version, element, code) WHERE resolved IS NULL;

-- owner: runner
-- Whose turn was last in a group that is served in turn.
CREATE TABLE assignment_turn (
    group_key text NOT NULL PRIMARY KEY,
    last_user uuid NOT NULL
);

-- owner: runner
-- What screens hear of, in the order of commits. One row holds what one transaction had to say.
CREATE TABLE live_event (
    number bigint NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    entries jsonb NOT NULL
);
CREATE INDEX live_event_at_idx ON live_event (at);

-- owner: runner
-- The number of the last live event. Whoever writes events holds this row until its commit: hence numbers follow commits.
CREATE TABLE live_event_head (
    id bigint NOT NULL PRIMARY KEY,
    last bigint NOT NULL
-- Rewritten at every commit: room on the page keeps the index out of it.
) WITH (fillfactor = 10);
INSERT INTO live_event_head (id, last) VALUES (1, 0);
