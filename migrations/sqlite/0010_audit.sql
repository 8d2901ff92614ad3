-- The trail's browser: orders that hold at millions of entries, how much is recorded, and checks on request.
-- Lists go on from (at, lane, number); each order that a list is driven by ends in the time.
DROP INDEX audit_entry_at_idx;
CREATE INDEX audit_entry_at_lane_number_idx ON audit_entry (at, lane, number);
CREATE INDEX audit_entry_customer_at_idx ON audit_entry (customer, at) WHERE customer IS NOT NULL;
CREATE INDEX audit_entry_operation_at_idx ON audit_entry (operation, at);
CREATE INDEX audit_entry_session_at_idx ON audit_entry (session, at) WHERE session IS NOT NULL;
-- Few among many, and the first that is looked for.
CREATE INDEX audit_entry_outcome_at_idx ON audit_entry (outcome, at) WHERE outcome <> 'done';

-- owner: ledger
-- How much is recorded of a module's entity; `*` stands for all. Without a row: writes.
CREATE TABLE audit_level (
    module TEXT NOT NULL,
    entity TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (module, entity)
) STRICT;

-- owner: ledger
-- Checks of the whole trail that somebody asked for.
CREATE TABLE audit_verification (
    id BLOB NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL,
    started TEXT NOT NULL,
    -- When its node last said that it is at it.
    seen TEXT NOT NULL,
    entries INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    finished TEXT,
    report TEXT CHECK (json_valid(report)),
    failure TEXT
) STRICT;
CREATE INDEX audit_verification_started_idx ON audit_verification (started);
