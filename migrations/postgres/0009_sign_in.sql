-- owner: directory
-- A user's second factor: time-based codes (RFC 6238). Pending until a first code has shown that the person's device
-- has the secret.
CREATE TABLE second_factor (
    user_id uuid NOT NULL PRIMARY KEY REFERENCES user_account (id),
    -- Sealed with the installation's key, for this user alone.
    secret bytea NOT NULL,
    confirmed timestamptz,
    -- The last time step whose code was accepted: no code counts twice.
    last_step bigint NOT NULL,
    created timestamptz NOT NULL
);

-- owner: directory
-- Codes for the day on which the device is lost: each opens once. SHA-256 of 80 random bits.
CREATE TABLE recovery_code (
    user_id uuid NOT NULL REFERENCES user_account (id),
    code bytea NOT NULL,
    PRIMARY KEY (user_id, code)
);

-- owner: directory
-- Roles whose holders must have a second factor.
CREATE TABLE second_factor_role (
    role_id uuid NOT NULL PRIMARY KEY REFERENCES role (id) ON DELETE CASCADE
);

-- owner: directory
-- By what name another directory (LDAP, OpenID Connect) knows a user, for good: logins and names may change there.
CREATE TABLE user_identity (
    -- `ldap`, or the issuer of OpenID Connect.
    provider text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES user_account (id),
    -- When that directory last said that the user may come in.
    checked timestamptz NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE UNIQUE INDEX user_identity_user_id_key ON user_identity (user_id);

-- owner: directory
-- Sign-ins on their way through an identity provider: what must come back unchanged.
CREATE TABLE sign_in_attempt (
    -- SHA-256 of what only the client that began has.
    key bytea NOT NULL PRIMARY KEY,
    state text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    redirect text NOT NULL,
    created timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_created_idx ON sign_in_attempt (created);

-- By what the person came in: `password`, `ldap` or `oidc`.
ALTER TABLE session ADD COLUMN source text NOT NULL DEFAULT 'password';
