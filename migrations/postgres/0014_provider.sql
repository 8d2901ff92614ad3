-- owner: directory
-- By what the identity provider is asked again whether a session's person may still be here.
CREATE TABLE session_provider (
    session_id uuid NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    -- Who it must be about.
    subject text NOT NULL,
    -- The refresh token, sealed with the installation's key for this session alone.
    token bytea NOT NULL,
    -- When it was asked last: whoever changes it asks, so that no token is used twice.
    checked timestamptz NOT NULL
);
CREATE INDEX session_provider_checked_idx ON session_provider (checked);
