-- The option no-usage-reporting said the opposite of its name: "on" had clients send reports on
-- their use (1), "off" forbade it (2). Now "on" forbids it. Saved policies keep what they write,
-- so the two words change places in every revision.
UPDATE policy_revisions
SET policy = json_set(
    policy,
    '$.settings."no-usage-reporting".setting',
    CASE json_extract(policy, '$.settings."no-usage-reporting".setting') WHEN 'on' THEN 'off' ELSE 'on' END
)
WHERE CASE WHEN json_valid(policy) THEN json_extract(policy, '$.settings."no-usage-reporting".setting') END
    IN ('on', 'off');
