-- Invitations that a policy forbade. Bounded: the oldest go out.
CREATE TABLE refusals (
    id               INTEGER NOT NULL PRIMARY KEY,
    at_ms            INTEGER NOT NULL,
    sender           TEXT    NOT NULL, -- alias, or the URL of a user of another domain
    recipient        TEXT    NOT NULL, -- alias
    feature          TEXT    NOT NULL, -- word of the policy library
    command          TEXT    NOT NULL, -- INVITE, ACCEPT
    application_guid TEXT    NOT NULL, -- as sent; may be empty
    application_name TEXT    NOT NULL,
    policy           TEXT    NOT NULL, -- the policy that decided
    decided_for      TEXT    NOT NULL  -- the one of the two whom that policy reaches
) STRICT;

CREATE INDEX refusals_by_time ON refusals (at_ms);
