-- owner: ledger
-- The ends of the audit chain's lanes. A commit takes whichever lane is free, so that commits need not wait for one row.
CREATE TABLE audit_lane (
    lane INTEGER NOT NULL PRIMARY KEY,
    -- Of the lane's last entry; 0 before the first.
    number INTEGER NOT NULL,
    -- Hash of the lane's last entry; 32 zero bytes before the first.
    head BLOB NOT NULL
) STRICT;
INSERT INTO audit_lane (lane, number, head)
VALUES (0, 0, zeroblob(32)), (1, 0, zeroblob(32)), (2, 0, zeroblob(32)), (3, 0, zeroblob(32)),
       (4, 0, zeroblob(32)), (5, 0, zeroblob(32)), (6, 0, zeroblob(32)), (7, 0, zeroblob(32));

-- owner: ledger
-- What was done, by whom, with what result. Never changed, never deleted: each entry holds the hash of the one before.
CREATE TABLE audit_entry (
    lane INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    user_id BLOB,
    user_name TEXT NOT NULL,
    role TEXT,
    kind TEXT NOT NULL,
    session BLOB,
    node TEXT NOT NULL,
    operation TEXT NOT NULL,
    module TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id TEXT,
    customer BLOB,
    -- JSON as text on both databases: it is hashed, so it must come back byte for byte.
    change TEXT,
    -- Microseconds.
    duration INTEGER,
    outcome TEXT NOT NULL,
    note TEXT,
    hash BLOB NOT NULL,
    PRIMARY KEY (lane, number)
) STRICT;
CREATE INDEX audit_entry_at_idx ON audit_entry (at);
CREATE INDEX audit_entry_entity_entity_id_at_idx ON audit_entry (entity, entity_id, at);
CREATE INDEX audit_entry_user_id_at_idx ON audit_entry (user_id, at);

-- owner: ledger
-- Signed statements of where all lanes stood. To be kept elsewhere too.
CREATE TABLE audit_checkpoint (
    number INTEGER NOT NULL PRIMARY KEY,
    -- Canonical JSON as text: what is signed must come back byte for byte.
    statement TEXT NOT NULL,
    -- Ed25519.
    signature BLOB NOT NULL,
    -- The key's public half.
    signer BLOB NOT NULL
) STRICT;

-- owner: ledger
-- What happened with a customer, as the agent sees it. Append-only.
CREATE TABLE history (
    customer BLOB NOT NULL,
    at TEXT NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT,
    process TEXT,
    activity TEXT,
    instance BLOB,
    work_item BLOB,
    priority INTEGER,
    state TEXT,
    user_id BLOB,
    user_name TEXT NOT NULL,
    -- Microseconds.
    duration INTEGER,
    summary TEXT NOT NULL CHECK (json_valid(summary)),
    details TEXT CHECK (json_valid(details)),
    PRIMARY KEY (customer, at, id)
) STRICT;
