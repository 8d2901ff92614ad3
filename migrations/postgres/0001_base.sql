-- owner: store
-- What every write leaves behind, so that a retry after a lost answer is safe: the answer that was given under a key.
CREATE TABLE idempotency (
    -- The asker's identity and the key that it made, hashed together.
    key bytea NOT NULL PRIMARY KEY,
    -- Hash of method, path and body: the same key with another request is refused.
    request bytea NOT NULL,
    status bigint NOT NULL,
    answer bytea NOT NULL,
    created timestamptz NOT NULL
);
CREATE INDEX idempotency_created_idx ON idempotency (created);
