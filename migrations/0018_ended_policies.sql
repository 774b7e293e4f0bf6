-- The last revision of each policy that was deleted. One that is made anew under its name goes on from
-- there: who goes by a revision of the old one is never taken for somebody who saw the new one.
CREATE TABLE ended_policies (
    name     TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER policy_has_ended AFTER DELETE ON policy_revisions BEGIN
    INSERT INTO ended_policies (name, revision) VALUES (OLD.name, OLD.revision)
    ON CONFLICT (name) DO UPDATE SET revision = max(ended_policies.revision, excluded.revision);
END;
