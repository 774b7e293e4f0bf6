-- What is told to the hooks of the configuration: what waits to be delivered, and the last of what
-- was. A hook is known by its address.
CREATE TABLE hook_deliveries (
    id        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never given out twice: receivers go by it
    hook      TEXT    NOT NULL,
    event     INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    body      TEXT    NOT NULL,   -- the JSON, byte for byte, as it is signed
    at_ms     INTEGER NOT NULL,   -- when it happened, by the clock on the wall
    state     TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts  INTEGER NOT NULL,
    next_ms   INTEGER NOT NULL,   -- not before: by the clock that counts evenly
    tried_ms  INTEGER,            -- the last attempt, by the clock on the wall
    status    INTEGER,            -- what it was answered with
    error     TEXT    NOT NULL    -- why it did not go well; empty: it did, or was not tried
) STRICT;
CREATE INDEX hook_deliveries_by_state ON hook_deliveries (hook, state, id);
