-- owner: ledger
-- The ends of the audit chain's lanes. A commit takes whichever lane is free, so that commits need not wait for one row.
CREATE TABLE audit_lane (
    lane bigint NOT NULL PRIMARY KEY,
    -- Of the lane's last entry; 0 before the first.
    number bigint NOT NULL,
    -- Hash of the lane's last entry; 32 zero bytes before the first.
    head bytea NOT NULL
-- The rows are rewritten at every commit: room on the page keeps the index out of it.
) WITH (fillfactor = 10);
INSERT INTO audit_lane (lane, number, head)
SELECT lane, 0, decode(repeat('00', 32), 'hex') FROM generate_series(0, 7) AS lanes (lane);

-- owner: ledger
-- What was done, by whom, with what result. Never changed, never deleted: each entry holds the hash of the one before.
CREATE TABLE audit_entry (
    lane bigint NOT NULL,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    user_name text NOT NULL,
    role text,
    kind text NOT NULL,
    session uuid,
    node text NOT NULL,
    operation text NOT NULL,
    module text NOT NULL,
    entity text NOT NULL,
    entity_id text,
    customer uuid,
    -- JSON as text on both databases: it is hashed, so it must come back byte for byte.
    change text,
    -- Microseconds.
    duration bigint,
    outcome text NOT NULL,
    note text,
    hash bytea NOT NULL,
    PRIMARY KEY (lane, number)
);
CREATE INDEX audit_entry_at_idx ON audit_entry (at);
CREATE INDEX audit_entry_entity_entity_id_at_idx ON audit_entry (entity, entity_id, at);
CREATE INDEX audit_entry_user_id_at_idx ON audit_entry (user_id, at);

-- owner: ledger
-- Signed statements of where all lanes stood. To be kept elsewhere too.
CREATE TABLE audit_checkpoint (
    number bigint NOT NULL PRIMARY KEY,
    -- Canonical JSON as text: what is signed must come back byte for byte.
    statement text NOT NULL,
    -- Ed25519.
    signature bytea NOT NULL,
    -- The key's public half.
    signer bytea NOT NULL
);

-- owner: ledger
-- What happened with a customer, as the agent sees it. Append-only.
CREATE TABLE history (
    customer uuid NOT NULL,
    at timestamptz NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    channel text,
    process text,
    activity text,
    instance uuid,
    work_item uuid,
    priority bigint,
    state text,
    user_id uuid,
    user_name text NOT NULL,
    -- Microseconds.
    duration bigint,
    summary jsonb NOT NULL,
    details jsonb,
    PRIMARY KEY (customer, at, id)
);
