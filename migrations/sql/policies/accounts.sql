ALTER TABLE accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON accounts TO kaowu_app, kaowu_province;
GRANT UPDATE (name, person_id, ended_at) ON accounts TO kaowu_app, kaowu_province;
GRANT SELECT ON accounts TO kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, person_id, ended_at) ON accounts TO kaowu_keeper;
GRANT UPDATE (name, ended_at) ON accounts TO kaowu_keeper;
GRANT SELECT (id, person_id, issued_by_office_id, ended_at) ON accounts TO kaowu_transfer;
GRANT UPDATE (name) ON accounts TO kaowu_transfer;

CREATE POLICY accounts_select ON accounts FOR SELECT TO kaowu_app USING (
    {scope} = 'signin' OR id = {account} OR issued_by_office_id = {office}
);

CREATE POLICY accounts_insert ON accounts FOR INSERT TO kaowu_app WITH CHECK (
    issued_by_office_id = {office} OR ({scope} = 'signin' AND issued_by_office_id IS NULL)
);

CREATE POLICY accounts_update ON accounts FOR UPDATE TO kaowu_app USING (
    {scope} = 'signin' OR issued_by_office_id = {office}
) WITH CHECK (true);

CREATE POLICY accounts_kaowu_province_select ON accounts FOR SELECT TO kaowu_province USING (true);

CREATE POLICY accounts_province_insert ON accounts FOR INSERT TO kaowu_province
    WITH CHECK (issued_by_office_id = {office});

CREATE POLICY accounts_province_update ON accounts FOR UPDATE TO kaowu_province
    USING (issued_by_office_id = {office}) WITH CHECK (true);

CREATE POLICY accounts_kaowu_auditor_select ON accounts FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON accounts FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON accounts FOR UPDATE TO kaowu_keeper USING (person_id IS NOT NULL);
CREATE POLICY accounts_applicant_account ON accounts FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY accounts_transfer_select ON accounts FOR SELECT TO kaowu_transfer USING (true);

CREATE POLICY accounts_transfer_update ON accounts FOR UPDATE TO kaowu_transfer
    USING (issued_by_office_id IS NULL) WITH CHECK (true);
