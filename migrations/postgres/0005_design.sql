-- owner: design
-- What the Designer makes, one row per thing: customer types, processes, forms, calendars… with the draft being worked on.
CREATE TABLE definition (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    name_es text NOT NULL,
    name_en text NOT NULL,
    -- Key and both names, folded, for the search in the list.
    search text NOT NULL,
    -- The body of the draft; NULL where nothing differs from the newest published version.
    draft jsonb,
    -- Counts every saved and every discarded draft: what two designers are told apart by. Never goes back.
    revision bigint NOT NULL,
    -- How many problems stand against publishing the draft.
    problems bigint NOT NULL,
    -- Newest published version; 0: never published.
    latest bigint NOT NULL,
    created timestamptz NOT NULL,
    changed timestamptz NOT NULL,
    changed_by uuid,
    changed_by_name text NOT NULL
);
CREATE UNIQUE INDEX definition_kind_key_key ON definition (kind, key);

-- owner: design
-- Published versions: written once, never changed. A running instance stays on its version.
CREATE TABLE definition_version (
    definition_id uuid NOT NULL REFERENCES definition (id),
    version bigint NOT NULL,
    body jsonb NOT NULL,
    -- SHA-256 of the body's stable text form.
    hash bytea NOT NULL,
    note text NOT NULL,
    published timestamptz NOT NULL,
    published_by uuid,
    published_by_name text NOT NULL,
    PRIMARY KEY (definition_id, version)
);
