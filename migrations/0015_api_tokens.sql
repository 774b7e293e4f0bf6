-- Words with which programs come to the REST API. Of the word itself only the hash is kept.
CREATE TABLE api_tokens (
    name         TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    role         TEXT    NOT NULL,
    operations   TEXT,             -- JSON array of the only operations it may do; NULL: all of its role
    hash         BLOB    NOT NULL UNIQUE, -- SHA-256 of 256 random bits: no salt and no slow hash is needed
    created_ms   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    expires_ms   INTEGER,          -- by the clock on the wall
    used_ms      INTEGER,
    used_from    TEXT
) STRICT;
