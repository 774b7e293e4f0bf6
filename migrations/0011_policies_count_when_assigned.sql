-- A policy counts for nobody until somebody says for whom. Assignments that there are stay.
DROP TRIGGER policy_counts_for_everyone;
