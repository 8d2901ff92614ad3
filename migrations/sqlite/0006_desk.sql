-- owner: desk
-- Whom we serve. What every customer has stands in columns; what a designer defined for the type stands in `fields`.
CREATE TABLE customer (
    seq INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    type_key TEXT NOT NULL,
    type_version INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The folded name: by it lists are ordered and names are found from their beginning.
    sort_name TEXT NOT NULL,
    document TEXT,
    segment TEXT,
    owner_id BLOB,
    unit_id BLOB,
    fields TEXT NOT NULL CHECK (json_valid(fields)),
    -- Everything the customer is found by, as words with a mark for their kind.
    words TEXT NOT NULL,
    version INTEGER NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL,
    contacted TEXT,
    -- In the recycle bin since.
    deleted TEXT,
    -- The list that brought it, and the row there as a person counts.
    import_id BLOB,
    import_row INTEGER,
    -- Seen only while this list is visible; empty once somebody has touched the customer.
    hidden_by BLOB
) STRICT;
CREATE UNIQUE INDEX customer_id_key ON customer (id);
CREATE INDEX customer_sort_name_idx ON customer (sort_name, id);
CREATE INDEX customer_import_id_idx ON customer (import_id, import_row) WHERE import_id IS NOT NULL;
-- The counterpart of PostgreSQL's index `customer_words_idx`. It keeps no copy of the words (external content), no
-- positions and no lengths: it is asked only who has a word. The triggers keep it in step.
CREATE VIRTUAL TABLE customer_find USING fts5(words, content='customer', content_rowid='seq', detail='none', columnsize=0,
    prefix='2 3', tokenize="ascii tokenchars '+#@._-'");
CREATE TRIGGER customer_find_insert AFTER INSERT ON customer BEGIN
    INSERT INTO customer_find (rowid, words) VALUES (new.seq, new.words);
END;
CREATE TRIGGER customer_find_update AFTER UPDATE OF words ON customer WHEN old.words <> new.words BEGIN
    INSERT INTO customer_find (customer_find, rowid, words) VALUES ('delete', old.seq, old.words);
    INSERT INTO customer_find (rowid, words) VALUES (new.seq, new.words);
END;
CREATE TRIGGER customer_find_delete AFTER DELETE ON customer BEGIN
    INSERT INTO customer_find (customer_find, rowid, words) VALUES ('delete', old.seq, old.words);
END;

-- owner: desk
-- The values that no two customers of a type may share.
CREATE TABLE customer_key (
    type_key TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    PRIMARY KEY (type_key, field, value)
) STRICT;

-- owner: desk
-- A person who represents a customer.
CREATE TABLE contact (
    id BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    document TEXT,
    email TEXT,
    phone TEXT,
    mobile TEXT,
    note TEXT,
    version INTEGER NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL,
    deleted TEXT
) STRICT;
CREATE INDEX contact_customer_id_idx ON contact (customer_id);

-- owner: desk
-- A list of customers on its way in, and what became of it.
CREATE TABLE customer_import (
    id BLOB NOT NULL PRIMARY KEY,
    type_key TEXT,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Whether its customers are seen. The one switch that lets a list in, or takes it out, as a whole.
    visible INTEGER NOT NULL,
    -- What was told or detected: encoding, delimiter, mapping, policy.
    setup TEXT NOT NULL CHECK (json_valid(setup)),
    size INTEGER NOT NULL,
    -- SHA-256 of the file as it came.
    hash TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (json_valid(actor)),
    created TEXT NOT NULL,
    started TEXT,
    finished TEXT,
    rows_read INTEGER NOT NULL,
    rows_created INTEGER NOT NULL,
    rows_updated INTEGER NOT NULL,
    rows_skipped INTEGER NOT NULL,
    rows_rejected INTEGER NOT NULL,
    -- Bytes of the file that are behind `rows_read`: for the progress bar.
    bytes_read INTEGER NOT NULL,
    -- After an undo: customers of the list that stayed because somebody had touched them.
    rows_kept INTEGER NOT NULL,
    -- Who works on it: nobody else may until then; the fence tells an owner whose time ran out that it has.
    lease_until TEXT,
    fence INTEGER NOT NULL,
    failure TEXT
) STRICT;
CREATE INDEX customer_import_state_idx ON customer_import (state);

-- owner: desk
-- The file as it came, in pieces.
CREATE TABLE customer_import_chunk (
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (import_id, number)
) STRICT;

-- owner: desk
-- The rows that were turned away, as they stood in the file, with the reasons.
CREATE TABLE customer_import_reject (
    import_id BLOB NOT NULL,
    row_number INTEGER NOT NULL,
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    problems TEXT NOT NULL CHECK (json_valid(problems)),
    PRIMARY KEY (import_id, row_number)
) STRICT;

-- owner: desk
-- Customers that were there before and get new values from a list; and what they were before, so that it can be undone.
CREATE TABLE customer_import_update (
    import_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    row_number INTEGER NOT NULL,
    patch TEXT NOT NULL CHECK (json_valid(patch)),
    before TEXT CHECK (before IS NULL OR json_valid(before)),
    -- The customer's version right after the list's change: another one means that somebody has touched it since.
    version INTEGER,
    PRIMARY KEY (import_id, customer_id)
) STRICT;

-- What other rooms may join with to show a customer's name.
CREATE VIEW customer_name_view AS SELECT id, name, type_key, segment FROM customer;
