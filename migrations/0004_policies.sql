-- Client policies: every saved revision is kept; the highest is the one in force.
CREATE TABLE policy_revisions (
    name     TEXT    NOT NULL COLLATE NOCASE,
    revision INTEGER NOT NULL,
    policy   TEXT    NOT NULL, -- JSON of the policy library
    saved_ms INTEGER NOT NULL,
    saved_by TEXT    NOT NULL,
    PRIMARY KEY (name, revision)
) STRICT, WITHOUT ROWID;
