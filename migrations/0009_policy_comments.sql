-- Why a revision of a policy was saved, in the words of who saved it; empty if nothing was said.
ALTER TABLE policy_revisions ADD COLUMN comment TEXT NOT NULL DEFAULT '';
