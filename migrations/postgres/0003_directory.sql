-- owner: directory
-- Counts every change of who may do what, so that each node notices, and compiles policies anew only then.
CREATE TABLE access_generation (
    id bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    number bigint NOT NULL
);
INSERT INTO access_generation (id, number) VALUES (1, 1);

-- owner: directory
-- The organisation's tree.
CREATE TABLE unit (
    id uuid NOT NULL PRIMARY KEY,
    parent uuid REFERENCES unit (id),
    name text NOT NULL,
    name_folded text NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX unit_parent_idx ON unit (parent);

-- owner: directory
CREATE TABLE position (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_folded text NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX position_name_folded_key ON position (name_folded);

-- owner: directory
-- Whoever signs in. Never deleted: what they did names them.
CREATE TABLE user_account (
    id uuid NOT NULL PRIMARY KEY,
    login text NOT NULL,
    login_folded text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    email text,
    kind text NOT NULL,
    unit uuid REFERENCES unit (id),
    position uuid REFERENCES position (id),
    -- To whom this user reports.
    manager uuid REFERENCES user_account (id),
    active boolean NOT NULL,
    -- Argon2id in PHC form. Absent: cannot sign in with a password here.
    password text,
    password_changed timestamptz,
    -- The password was given by somebody else: it must be changed first.
    must_change boolean NOT NULL,
    language text,
    preferences jsonb NOT NULL,
    created timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX user_account_login_folded_key ON user_account (login_folded);
CREATE INDEX user_account_name_folded_id_idx ON user_account (name_folded, id);
CREATE INDEX user_account_unit_idx ON user_account (unit);

-- owner: directory
CREATE TABLE user_group (
    id uuid NOT NULL PRIMARY KEY,
    -- By which definitions name it: `[a-z][a-z0-9_]*`.
    key text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX user_group_key_key ON user_group (key);
CREATE UNIQUE INDEX user_group_name_folded_key ON user_group (name_folded);

-- owner: directory
CREATE TABLE group_member (
    group_id uuid NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES user_account (id),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_member_user_id_idx ON group_member (user_id);

-- owner: directory
CREATE TABLE role (
    id uuid NOT NULL PRIMARY KEY,
    key text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    description text NOT NULL,
    grants jsonb NOT NULL,
    -- Also the number of its newest row in role_version.
    version bigint NOT NULL
);
CREATE UNIQUE INDEX role_key_key ON role (key);

-- owner: directory
-- Every state that a role has had, also after the role is gone.
CREATE TABLE role_version (
    role_id uuid NOT NULL,
    number bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    grants jsonb NOT NULL,
    at timestamptz NOT NULL,
    user_name text NOT NULL,
    PRIMARY KEY (role_id, number)
);

-- owner: directory
CREATE TABLE role_user (
    role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES user_account (id),
    PRIMARY KEY (role_id, user_id)
);
CREATE INDEX role_user_user_id_idx ON role_user (user_id);

-- owner: directory
CREATE TABLE role_group (
    role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, group_id)
);
CREATE INDEX role_group_group_id_idx ON role_group (group_id);

-- owner: directory
CREATE TABLE session (
    id uuid NOT NULL PRIMARY KEY,
    -- SHA-256 of the token, which only the client has.
    token bytea NOT NULL,
    user_id uuid NOT NULL REFERENCES user_account (id),
    started timestamptz NOT NULL,
    -- Last used, to the minute.
    seen timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    ended timestamptz,
    address text,
    client text
);
CREATE UNIQUE INDEX session_token_key ON session (token);
CREATE INDEX session_user_id_idx ON session (user_id);
CREATE INDEX session_expires_idx ON session (expires);

-- owner: directory
-- Tries to sign in, by login and by address. Kept as hashes: what was typed as a login may have been a password.
CREATE TABLE sign_in_tries (
    key bytea NOT NULL PRIMARY KEY,
    tries bigint NOT NULL,
    -- Of the window in which the tries are counted.
    since timestamptz NOT NULL
);
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
