-- Supervisors of the office that decides, and of the one that a serious decision is reported to. The person concerned sees
-- their own case once they have been told, whatever their role, and nobody who stands in for them does. Colleagues see
-- nothing of it.
ALTER TABLE accountability_cases ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON accountability_cases TO kaowu_app;
GRANT UPDATE (
    state, told_at, told_how, hear_until, decided_at, decided_by, decided_by_name, measures, ground, reasons, served_at,
    served_how, reported_to_office_id
) ON accountability_cases TO kaowu_app;
GRANT SELECT ON accountability_cases TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, year, state, name) ON accountability_cases TO kaowu_keeper;
GRANT UPDATE (name, post, facts, opened_by_name, told_how, decided_by_name, reasons, served_how)
    ON accountability_cases TO kaowu_keeper;

CREATE POLICY accountability_cases_select ON accountability_cases FOR SELECT TO kaowu_app USING (
    CASE
        WHEN account_id = {account} THEN state NOT IN ('opened', 'dropped')
        WHEN account_id = {behalf} THEN false
        ELSE {office} IN (office_id, reported_to_office_id) AND 'supervise' = ANY ({may})
    END
);

CREATE POLICY accountability_cases_insert ON accountability_cases FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND opened_by = {account} AND state = 'opened' AND 'supervise' = ANY ({may})
    AND (to_office_id = {office} OR starts_with(to_office_id, {office} || '/'))
    AND (account_id IS NULL OR account_id IS DISTINCT FROM {account})
    AND (account_id IS NULL OR account_id IS DISTINCT FROM {behalf})
);

CREATE POLICY accountability_cases_update ON accountability_cases FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND state IN ('opened', 'hearing', 'decided') AND 'supervise' = ANY ({may})
    AND (account_id IS NULL OR account_id IS DISTINCT FROM {account})
    AND (account_id IS NULL OR account_id IS DISTINCT FROM {behalf})
) WITH CHECK (
    office_id = {office} AND (decided_by IS NULL OR state = 'served' OR decided_by = {account})
);

-- The center sees every case of the province; the one concerned no more than at their own office.
CREATE POLICY kaowu_province_select ON accountability_cases FOR SELECT TO kaowu_province USING (
    CASE
        WHEN account_id = {account} THEN state NOT IN ('opened', 'dropped')
        WHEN account_id = {behalf} THEN false
        ELSE true
    END
);

CREATE POLICY kaowu_auditor_select ON accountability_cases FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON accountability_cases FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON accountability_cases FOR UPDATE TO kaowu_keeper USING (true);

-- For next_accountability_number.
GRANT SELECT (office_id, year, number) ON accountability_cases TO kaowu_transfer;
CREATE POLICY transfer_select ON accountability_cases FOR SELECT TO kaowu_transfer USING (true);
