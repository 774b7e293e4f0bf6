-- Figures for the dashboard that outlive a restart.
CREATE TABLE online_samples (
    at_ms  INTEGER NOT NULL PRIMARY KEY,
    online INTEGER NOT NULL
) STRICT;

CREATE TABLE daily_counts (
    day   INTEGER NOT NULL, -- days since 1970-01-01 UTC
    name  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;

-- Small facts about this database, such as the one-time token of the first run.
CREATE TABLE facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
