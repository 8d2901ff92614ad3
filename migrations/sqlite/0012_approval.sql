-- owner: directory
-- What somebody asked to have approved, for it went beyond a limit of theirs. It is kept as it was asked, and carried out
-- with the approval, in the same transaction, or not at all.
CREATE TABLE approval (
    id BLOB NOT NULL PRIMARY KEY,
    asked TEXT NOT NULL,
    requester BLOB NOT NULL REFERENCES user_account (id),
    operation TEXT NOT NULL CHECK (json_valid(operation)),
    -- What it is about, where it is about a customer.
    customer_id BLOB,
    -- Which limit: whose value went beyond how much.
    field TEXT NOT NULL,
    at_most TEXT NOT NULL,
    wanted TEXT NOT NULL,
    -- What it comes to, by the names that grants use, and what stood there when it was asked.
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    decided TEXT,
    decider BLOB REFERENCES user_account (id),
    answer TEXT,
    -- Why it could not be carried out: a code of the catalogue.
    problem TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_state_asked_idx ON approval (state, asked, id);
CREATE INDEX approval_requester_asked_idx ON approval (requester, asked, id);

-- owner: desk
-- Whose customers they are: for conditions on one's own unit and below, and for dissolving a unit.
CREATE INDEX customer_unit_idx ON customer (unit_id) WHERE unit_id IS NOT NULL;
