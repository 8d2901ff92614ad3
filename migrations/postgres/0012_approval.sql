-- owner: directory
-- What somebody asked to have approved, for it went beyond a limit of theirs. It is kept as it was asked, and carried out
-- with the approval, in the same transaction, or not at all.
CREATE TABLE approval (
    id uuid NOT NULL PRIMARY KEY,
    asked timestamptz NOT NULL,
    requester uuid NOT NULL REFERENCES user_account (id),
    operation jsonb NOT NULL,
    -- What it is about, where it is about a customer.
    customer_id uuid,
    -- Which limit: whose value went beyond how much.
    field text NOT NULL,
    at_most text NOT NULL,
    wanted text NOT NULL,
    -- What it comes to, by the names that grants use, and what stood there when it was asked.
    facts jsonb NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    decided timestamptz,
    decider uuid REFERENCES user_account (id),
    answer text,
    -- Why it could not be carried out: a code of the catalogue.
    problem text,
    version bigint NOT NULL
);
CREATE INDEX approval_state_asked_idx ON approval (state, asked, id);
CREATE INDEX approval_requester_asked_idx ON approval (requester, asked, id);

-- It tells of customers: the second wall (0011) stands before it too. Whoever may read no customer may still ask.
ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'engage_walled') THEN
        CREATE POLICY approval_ask ON approval FOR INSERT TO engage_walled WITH CHECK (true);
        CREATE POLICY approval_read ON approval FOR SELECT TO engage_walled USING (customer_id IS NULL);
        CREATE POLICY approval_decide ON approval FOR UPDATE TO engage_walled USING (customer_id IS NULL);
    END IF;
END $$;

-- owner: desk
-- Whose customers they are: for conditions on one's own unit and below, and for dissolving a unit.
CREATE INDEX customer_unit_idx ON customer (unit_id) WHERE unit_id IS NOT NULL;
