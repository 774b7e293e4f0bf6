-- Console accounts, their sessions, and what they did.
CREATE TABLE admins (
    name          TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL, -- argon2id, PHC string
    created_ms    INTEGER NOT NULL
) STRICT;

CREATE TABLE console_sessions (
    id         TEXT    NOT NULL PRIMARY KEY,
    record     TEXT    NOT NULL, -- JSON
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id       INTEGER NOT NULL PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    came_from TEXT   NOT NULL,
    action   TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    detail   TEXT    NOT NULL
) STRICT;
