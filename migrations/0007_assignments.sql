-- For whom each policy counts, and how strongly: apart from its revisions.
CREATE TABLE policy_assignments (
    policy   TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    everyone INTEGER NOT NULL, -- 1: it counts for every user
    priority INTEGER NOT NULL  -- among policies that reach a user in the same way the greater wins
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_groups (
    policy     TEXT NOT NULL COLLATE NOCASE REFERENCES policy_assignments (policy) ON DELETE CASCADE,
    group_name TEXT NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
    PRIMARY KEY (policy, group_name)
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_groups_by_group ON policy_groups (group_name);

CREATE TABLE policy_users (
    policy TEXT NOT NULL COLLATE NOCASE REFERENCES policy_assignments (policy) ON DELETE CASCADE,
    alias  TEXT NOT NULL REFERENCES users (alias) ON DELETE CASCADE,
    PRIMARY KEY (policy, alias)
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_users_by_alias ON policy_users (alias);

-- Policies counted for everyone so far.
INSERT INTO policy_assignments (policy, everyone, priority)
SELECT DISTINCT name, 1, 0 FROM policy_revisions;

-- A policy whose maker says nothing else counts for everyone; its assignment goes with it.
CREATE TRIGGER policy_counts_for_everyone AFTER INSERT ON policy_revisions BEGIN
    INSERT OR IGNORE INTO policy_assignments (policy, everyone, priority) VALUES (NEW.name, 1, 0);
END;

CREATE TRIGGER policy_is_gone AFTER DELETE ON policy_revisions
WHEN NOT EXISTS (SELECT 1 FROM policy_revisions WHERE name = OLD.name) BEGIN
    DELETE FROM policy_assignments WHERE policy = OLD.name;
END;
