ALTER TABLE sanction_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sanction_steps TO kaowu_app, kaowu_province;
GRANT SELECT ON sanction_steps TO kaowu_auditor;
GRANT SELECT (case_id, at) ON sanction_steps TO kaowu_keeper;
GRANT UPDATE (words, actor_name) ON sanction_steps TO kaowu_keeper;
GRANT SELECT (case_id, action, from_state, account_id, on_behalf_of) ON sanction_steps TO kaowu_transfer;

CREATE POLICY sanction_steps_app_select ON sanction_steps FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_steps.case_id)
);

CREATE POLICY sanction_steps_app_insert ON sanction_steps FOR INSERT TO kaowu_app WITH CHECK (
    account_id = {account}
    AND (
        (
            action IN ('serve', 'state', 'finish', 'appeal') AND office_id IS NULL AND {person} IS NOT NULL
            AND EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_steps.case_id)
        )
        OR (
            action NOT IN ('state', 'finish', 'appeal', 'uphold', 'overturn') AND office_id = {office}
            AND 'supervise' = ANY ({may})
            AND EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_steps.case_id AND c.office_id = {office})
        )
    )
);

CREATE POLICY sanction_steps_province_select ON sanction_steps FOR SELECT TO kaowu_province USING (true);

CREATE POLICY sanction_steps_province_insert ON sanction_steps FOR INSERT TO kaowu_province WITH CHECK (
    account_id = {account} AND office_id = {office} AND 'supervise' = ANY ({may})
    AND action NOT IN ('state', 'finish', 'appeal', 'hand_up')
);

CREATE POLICY sanction_steps_auditor_select ON sanction_steps FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON sanction_steps FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON sanction_steps FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY transfer_select ON sanction_steps FOR SELECT TO kaowu_transfer USING (true);
