-- Groups of users. A group and a user never have the same name: both stand in addresses.
CREATE TABLE user_groups (
    name        TEXT    NOT NULL PRIMARY KEY, -- routing key: lower case
    spelled     TEXT    NOT NULL,             -- the name as it was typed when the group was made
    description TEXT    NOT NULL,
    created_ms  INTEGER NOT NULL
) STRICT;

-- Who is in which group; a member leaves with the account.
CREATE TABLE group_members (
    group_name TEXT NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
    alias      TEXT NOT NULL REFERENCES users (alias) ON DELETE CASCADE,
    PRIMARY KEY (group_name, alias)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_members_by_alias ON group_members (alias);
