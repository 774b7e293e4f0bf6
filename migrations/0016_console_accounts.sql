-- Console accounts that may sign in or not, and when they did last; and when a session was used last.
ALTER TABLE admins ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE admins ADD COLUMN signed_in_ms INTEGER; -- by the clock on the wall; NULL: not known
ALTER TABLE admins ADD COLUMN signed_in_from TEXT;
ALTER TABLE console_sessions ADD COLUMN used_ms INTEGER; -- by the clock on the wall; NULL: not known
