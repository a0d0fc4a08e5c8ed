-- The office of the list and the person concerned; a unit learns what was decided, from the line.
ALTER TABLE strikings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON strikings TO kaowu_app;
GRANT UPDATE (
    state, statement, stated_at, decided_at, decided_by, decided_by_name, remark
) ON strikings TO kaowu_app;
GRANT SELECT ON strikings TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, reason, decided_at) ON strikings TO kaowu_keeper;
GRANT UPDATE (reason, statement, remark) ON strikings TO kaowu_keeper;
GRANT SELECT (objection_id, application_id, kind, state, decided_at) ON strikings TO kaowu_transfer;

CREATE POLICY strikings_select ON strikings FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person})
);

CREATE POLICY strikings_insert ON strikings FOR INSERT TO kaowu_app WITH CHECK (
    state = 'proposed' AND proposed_by = {account}
    AND EXISTS (
        SELECT FROM publication_entries e
        WHERE e.publication_id = strikings.publication_id AND e.application_id = strikings.application_id
        AND e.office_id = strikings.office_id
    )
    AND CASE
        WHEN office_id = {office} THEN 'run_office' = ANY ({may})
        ELSE
            kind = 'restore' AND 'apply' = ANY ({may})
            AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person})
    END
);

CREATE POLICY strikings_update ON strikings FOR UPDATE TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person})
) WITH CHECK (
    state = 'proposed' OR (office_id = {office} AND decided_by = {account} AND 'supervise' = ANY ({may}))
);

CREATE POLICY strikings_kaowu_province_select ON strikings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY strikings_kaowu_auditor_select ON strikings FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON strikings FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON strikings FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY strikings_transfer_select ON strikings FOR SELECT TO kaowu_transfer USING (true);
