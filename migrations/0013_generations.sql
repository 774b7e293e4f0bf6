-- A number that is another whenever an account is: after a new password, a disabling, a removal and
-- an account of the same name. Whoever was let in under the old number proves it anew.
ALTER TABLE users ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE admins ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
UPDATE users SET generation = random();
UPDATE admins SET generation = random();
