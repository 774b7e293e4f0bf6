-- What an act changed of a thing, field by field. The revision of a thing is the number of the last
-- act that changed it, so a thing that was removed and made anew never has an old revision again.
CREATE TABLE audit_changes (
    kind     TEXT    NOT NULL, -- `user`, `group`, ...
    key      TEXT    NOT NULL, -- its key, in lower case
    audit_id INTEGER NOT NULL REFERENCES audit (id) ON DELETE CASCADE,
    field    TEXT    NOT NULL,
    before   TEXT    NOT NULL,
    after    TEXT    NOT NULL,
    PRIMARY KEY (kind, key, audit_id, field)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_changes_by_act ON audit_changes (audit_id);
