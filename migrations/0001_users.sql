-- People who sign on with a client.
CREATE TABLE users (
    alias          TEXT    NOT NULL PRIMARY KEY, -- routing key: lower case
    spelled        TEXT    NOT NULL,             -- the alias as it was typed when the account was made
    display_name   TEXT    NOT NULL,
    email          TEXT    NOT NULL,
    enabled        INTEGER NOT NULL,
    verifiers      BLOB    NOT NULL,             -- NT hash and Digest HA1s, sealed under the key file
    created_ms     INTEGER NOT NULL,
    last_sign_on_ms INTEGER,
    blocked_until_ms INTEGER,                    -- fresh sign-ons are refused until then
    blocked_reason TEXT,
    acl            BLOB                          -- the node's ACL as an rvpacl document; NULL: the default one
) STRICT;
