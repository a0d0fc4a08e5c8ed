-- The office that issued an account and those above it read and decide; a sign-in withdraws what its owner disproves.
-- Policies of second_factors and browser_sessions ask here: nobody takes a factor away without a second officer.
ALTER TABLE factor_removals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON factor_removals TO kaowu_app;
GRANT UPDATE (state, decided_at, decided_by, decided_by_name, remark) ON factor_removals TO kaowu_app;
GRANT SELECT ON factor_removals TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, account_name, reason, remark, proposed_at) ON factor_removals TO kaowu_keeper;
GRANT UPDATE (account_name, reason, remark) ON factor_removals TO kaowu_keeper;

CREATE POLICY factor_removals_select ON factor_removals FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR (office_id = {office} AND {may} && ARRAY['staff', 'run_office'])
    OR (starts_with(office_id, {office} || '/') AND 'staff' = ANY ({may}))
);

CREATE POLICY factor_removals_insert ON factor_removals FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['staff', 'run_office'] AND state = 'proposed' AND proposed_by = {account}
    AND EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY factor_removals_update ON factor_removals FOR UPDATE TO kaowu_app USING (
    state = 'proposed' AND (
        {scope} = 'signin'
        OR (office_id = {office} AND {may} && ARRAY['staff', 'run_office'])
        OR (starts_with(office_id, {office} || '/') AND 'staff' = ANY ({may}))
    )
) WITH CHECK (
    CASE state
        WHEN 'granted' THEN {scope} <> 'signin' AND decided_by = {account}
        WHEN 'refused' THEN {scope} <> 'signin' AND decided_by = {account}
        ELSE {scope} = 'signin' OR decided_by IS NULL OR decided_by = {account}
    END
);

CREATE POLICY factor_removals_kaowu_province_select ON factor_removals FOR SELECT TO kaowu_province USING (true);
CREATE POLICY factor_removals_kaowu_auditor_select ON factor_removals FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON factor_removals FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY keeper_select ON factor_removals FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON factor_removals FOR UPDATE TO kaowu_keeper USING (true);
