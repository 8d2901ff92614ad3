-- owner: directory
-- Counts every change of who may do what, so that each node notices, and compiles policies anew only then.
CREATE TABLE access_generation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO access_generation (id, number) VALUES (1, 1);

-- owner: directory
-- The organisation's tree.
CREATE TABLE unit (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB REFERENCES unit (id),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX unit_parent_idx ON unit (parent);

-- owner: directory
CREATE TABLE position (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX position_name_folded_key ON position (name_folded);

-- owner: directory
-- Whoever signs in. Never deleted: what they did names them.
CREATE TABLE user_account (
    id BLOB NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    login_folded TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    email TEXT,
    kind TEXT NOT NULL,
    unit BLOB REFERENCES unit (id),
    position BLOB REFERENCES position (id),
    -- To whom this user reports.
    manager BLOB REFERENCES user_account (id),
    active INTEGER NOT NULL,
    -- Argon2id in PHC form. Absent: cannot sign in with a password here.
    password TEXT,
    password_changed TEXT,
    -- The password was given by somebody else: it must be changed first.
    must_change INTEGER NOT NULL,
    language TEXT,
    preferences TEXT NOT NULL CHECK (json_valid(preferences)),
    created TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX user_account_login_folded_key ON user_account (login_folded);
CREATE INDEX user_account_name_folded_id_idx ON user_account (name_folded, id);
CREATE INDEX user_account_unit_idx ON user_account (unit);

-- owner: directory
CREATE TABLE user_group (
    id BLOB NOT NULL PRIMARY KEY,
    -- By which definitions name it: `[a-z][a-z0-9_]*`.
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX user_group_key_key ON user_group (key);
CREATE UNIQUE INDEX user_group_name_folded_key ON user_group (name_folded);

-- owner: directory
CREATE TABLE group_member (
    group_id BLOB NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES user_account (id),
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_member_user_id_idx ON group_member (user_id);

-- owner: directory
CREATE TABLE role (
    id BLOB NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    grants TEXT NOT NULL CHECK (json_valid(grants)),
    -- Also the number of its newest row in role_version.
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX role_key_key ON role (key);

-- owner: directory
-- Every state that a role has had, also after the role is gone.
CREATE TABLE role_version (
    role_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    grants TEXT NOT NULL CHECK (json_valid(grants)),
    at TEXT NOT NULL,
    user_name TEXT NOT NULL,
    PRIMARY KEY (role_id, number)
) STRICT;

-- owner: directory
CREATE TABLE role_user (
    role_id BLOB NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES user_account (id),
    PRIMARY KEY (role_id, user_id)
) STRICT;
CREATE INDEX role_user_user_id_idx ON role_user (user_id);

-- owner: directory
CREATE TABLE role_group (
    role_id BLOB NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    group_id BLOB NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, group_id)
) STRICT;
CREATE INDEX role_group_group_id_idx ON role_group (group_id);

-- owner: directory
CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    -- SHA-256 of the token, which only the client has.
    token BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES user_account (id),
    started TEXT NOT NULL,
    -- Last used, to the minute.
    seen TEXT NOT NULL,
    expires TEXT NOT NULL,
    ended TEXT,
    address TEXT,
    client TEXT
) STRICT;
CREATE UNIQUE INDEX session_token_key ON session (token);
CREATE INDEX session_user_id_idx ON session (user_id);
CREATE INDEX session_expires_idx ON session (expires);

-- owner: directory
-- Tries to sign in, by login and by address. Kept as hashes: what was typed as a login may have been a password.
CREATE TABLE sign_in_tries (
    key BLOB NOT NULL PRIMARY KEY,
    tries INTEGER NOT NULL,
    -- Of the window in which the tries are counted.
    since TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_tries_since_idx ON sign_in_tries (since);

-- owner: directory
-- For other rooms to join with.
CREATE VIEW user_name_view AS SELECT id, name FROM user_account;
-- owner: directory
CREATE VIEW group_name_view AS SELECT id, key, name FROM user_group;
-- owner: directory
CREATE VIEW unit_name_view AS SELECT id, name FROM unit;
-- owner: directory
CREATE VIEW group_member_view AS SELECT group_id, user_id FROM group_member;
