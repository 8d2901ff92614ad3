-- owner: design
-- What the Designer makes, one row per thing: customer types, processes, forms, calendars… with the draft being worked on.
CREATE TABLE definition (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    name_es TEXT NOT NULL,
    name_en TEXT NOT NULL,
    -- Key and both names, folded, for the search in the list.
    search TEXT NOT NULL,
    -- The body of the draft; NULL where nothing differs from the newest published version.
    draft TEXT CHECK (json_valid(draft)),
    -- Counts every saved and every discarded draft: what two designers are told apart by. Never goes back.
    revision INTEGER NOT NULL,
    -- How many problems stand against publishing the draft.
    problems INTEGER NOT NULL,
    -- Newest published version; 0: never published.
    latest INTEGER NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL,
    changed_by BLOB,
    changed_by_name TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX definition_kind_key_key ON definition (kind, key);

-- owner: design
-- Published versions: written once, never changed. A running instance stays on its version.
CREATE TABLE definition_version (
    definition_id BLOB NOT NULL REFERENCES definition (id),
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    -- SHA-256 of the body's stable text form.
    hash BLOB NOT NULL,
    note TEXT NOT NULL,
    published TEXT NOT NULL,
    published_by BLOB,
    published_by_name TEXT NOT NULL,
    PRIMARY KEY (definition_id, version)
) STRICT;
