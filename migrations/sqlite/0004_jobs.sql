-- owner: jobs
-- Work to be done outside the transaction that asked for it, and what goes out to other systems. A row without a key goes
-- away when it is done; one with a key stays as `accepted`, so that the same effect asked for again is not done again.
CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- Effect key: at most one row has it.
    key TEXT,
    state TEXT NOT NULL CHECK (state IN ('planned', 'leased', 'armed', 'accepted', 'failed', 'in_doubt')),
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    -- When it may be taken: its due time; while leased, the end of the lease; after a failure, the end of the pause.
    due TEXT NOT NULL,
    -- Raised at every claim. Who finishes a job shows the number that the claim gave.
    fence INTEGER NOT NULL,
    -- How often it was begun.
    attempt INTEGER NOT NULL,
    enqueued TEXT NOT NULL,
    finished TEXT,
    -- Why it failed last.
    cause TEXT
) STRICT;
CREATE UNIQUE INDEX job_key_key ON job (key) WHERE key IS NOT NULL;
CREATE INDEX job_kind_due_idx ON job (kind, due) WHERE state IN ('planned', 'leased', 'armed');
CREATE INDEX job_finished_idx ON job (finished) WHERE state IN ('accepted', 'failed', 'in_doubt');

-- owner: jobs
-- Instants at which something of another room is due. The room's own transaction takes the row away.
CREATE TABLE timer (
    -- What it belongs to, and its number there.
    subject BLOB NOT NULL,
    number INTEGER NOT NULL,
    due TEXT NOT NULL,
    -- When it may be taken: its due time; once taken, the end of the lease.
    visible TEXT NOT NULL,
    PRIMARY KEY (subject, number)
) STRICT;
CREATE INDEX timer_visible_idx ON timer (visible);
