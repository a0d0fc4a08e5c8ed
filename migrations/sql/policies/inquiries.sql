ALTER TABLE inquiries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON inquiries TO kaowu_app;
GRANT UPDATE (state, answer, answered_at, answered_by, answered_by_name) ON inquiries TO kaowu_app;
GRANT SELECT ON inquiries TO kaowu_province, kaowu_auditor;
GRANT SELECT (person_id, person_name, state) ON inquiries TO kaowu_transfer;
GRANT UPDATE (person_name) ON inquiries TO kaowu_transfer;
GRANT SELECT (id, question, asked_at, answered_at) ON inquiries TO kaowu_keeper;
GRANT UPDATE (question, answer, person_name, answered_by_name) ON inquiries TO kaowu_keeper;

-- The person, the office that was asked, and the offices of the case; never the unit, about which one may ask.
CREATE POLICY inquiries_select ON inquiries FOR SELECT TO kaowu_app USING (
    person_id = {person}
    OR office_id = {office}
    OR EXISTS (
        SELECT FROM applications a WHERE a.id = application_id AND {office} IN (a.office_id, a.handler_office_id)
    )
);

-- A person asks for themselves, in general or about a case of their own.
CREATE POLICY inquiries_insert ON inquiries FOR INSERT TO kaowu_app WITH CHECK (
    asked_by = {account} AND state = 'open' AND 'apply' = ANY ({may}) AND person_id = {person}
    AND (application_id IS NULL OR EXISTS (
        SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person}
    ))
);

-- The office that was asked answers, or the one that has the case in hand now.
CREATE POLICY inquiries_update ON inquiries FOR UPDATE TO kaowu_app USING (
    {may} && ARRAY['review', 'confirm', 'run_office']
    AND (office_id = {office} OR EXISTS (
        SELECT FROM applications a WHERE a.id = application_id AND a.handler_office_id = {office}
    ))
) WITH CHECK (
    answered_by = {account}
);

CREATE POLICY inquiries_kaowu_province_select ON inquiries FOR SELECT TO kaowu_province USING (true);
CREATE POLICY inquiries_kaowu_auditor_select ON inquiries FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON inquiries FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON inquiries FOR UPDATE TO kaowu_keeper USING (true);
-- For correct_person: an open question is answered under the corrected name.
CREATE POLICY transfer_select ON inquiries FOR SELECT TO kaowu_transfer USING (state = 'open');
CREATE POLICY transfer_update ON inquiries FOR UPDATE TO kaowu_transfer USING (state = 'open');
