-- Contact lists that users' clients keep in the registry, as they were exported.
CREATE TABLE contact_lists (
    alias    TEXT    NOT NULL PRIMARY KEY, -- whose: users.alias
    revision INTEGER NOT NULL,             -- from 1
    contacts INTEGER NOT NULL,             -- how many people are in it, as far as the keys tell
    saved_ms INTEGER NOT NULL,
    saved_by TEXT    NOT NULL              -- an administrator, or the user's own computer
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_values (
    alias TEXT    NOT NULL,
    place INTEGER NOT NULL, -- order of the file
    key   TEXT    NOT NULL, -- path in HKEY_CURRENT_USER
    name  TEXT,             -- empty: the key's default value; NULL: the key has no values
    kind  INTEGER,          -- number of the registry type
    data  BLOB,             -- as Windows stores it
    PRIMARY KEY (alias, place)
) STRICT, WITHOUT ROWID;
