-- Live presence, so that a restart loses nothing. Written by the batching writer only.

-- What somebody asked to be told: a sign-on (pragma/notify) or a watch (update/propchange).
CREATE TABLE subscriptions (
    id           INTEGER NOT NULL PRIMARY KEY, -- decimal, below 2^31: clients parse it into a C int
    kind         INTEGER NOT NULL,             -- 0 sign-on, 1 watch
    target       TEXT    NOT NULL,             -- alias of the node
    subscriber   TEXT    NOT NULL,             -- alias of who asked
    href         TEXT    NOT NULL,             -- the node's logical URL as the subscriber spells it
    call_back    TEXT    NOT NULL,             -- host:port of a client, or empty: the subscriber's own sign-ons
    peer         TEXT    NOT NULL,             -- address that authenticated
    client       TEXT    NOT NULL,             -- User-Agent, or empty
    scheme       TEXT    NOT NULL,             -- digest or ntlm
    since_ms     INTEGER NOT NULL
) STRICT;

-- When each subscription ends. Apart from what it is, because renewals rewrite this and nothing
-- else: many of these rows share a page, so that a renewal costs little.
CREATE TABLE leases (
    id         INTEGER NOT NULL PRIMARY KEY, -- the subscription
    expires_ms INTEGER NOT NULL
) STRICT;

-- One client's state. A user's visible state is the merge of all live views.
CREATE TABLE views (
    id            INTEGER NOT NULL PRIMARY KEY,
    alias         TEXT    NOT NULL,
    login         INTEGER NOT NULL, -- the sign-on it belongs to
    value         TEXT    NOT NULL,
    default_value TEXT    NOT NULL, -- what it falls back to when the lease runs out
    set_ms        INTEGER NOT NULL,
    expires_ms    INTEGER NOT NULL
) STRICT;

-- Other properties of a node, kept as the client sent them.
CREATE TABLE properties (
    alias         TEXT    NOT NULL,
    namespace     TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    is_xml        INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    default_value TEXT    NOT NULL,
    expires_ms    INTEGER,          -- NULL: not leased
    PRIMARY KEY (alias, namespace, name)
) STRICT, WITHOUT ROWID;
