-- Imposed by supervisors of the office that owns the case, by the office in charge of it, or by the province; always with
-- an open case. The person reads their own.
ALTER TABLE suspensions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON suspensions TO kaowu_app, kaowu_province;
GRANT UPDATE (lifted_at, lifted_by, lift_reason) ON suspensions TO kaowu_app, kaowu_province;
GRANT SELECT ON suspensions TO kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, case_id, reason, lift_reason) ON suspensions TO kaowu_keeper;
GRANT UPDATE (reason, lift_reason) ON suspensions TO kaowu_keeper;

CREATE POLICY suspensions_app_select ON suspensions FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR imposed_by_office_id = {office}
    OR EXISTS (SELECT FROM applications a WHERE a.id = suspensions.application_id AND a.person_id = {person})
);

CREATE POLICY suspensions_app_insert ON suspensions FOR INSERT TO kaowu_app WITH CHECK (
    imposed_by = {account} AND imposed_by_office_id = {office} AND lifted_at IS NULL
    AND EXISTS (
        SELECT FROM sanction_cases c JOIN applications a ON a.id = c.application_id
        WHERE c.id = suspensions.case_id AND c.application_id = suspensions.application_id
        AND c.state IN ('proposed', 'hearing', 'decided', 'appealed') AND a.office_id = suspensions.office_id
        AND (
            (a.office_id = {office} AND 'supervise' = ANY ({may}))
            OR (a.handler_office_id = {office} AND 'review' = ANY ({may}))
        )
    )
);

CREATE POLICY suspensions_app_update ON suspensions FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may})
) WITH CHECK (lifted_by = {account});

CREATE POLICY suspensions_province_select ON suspensions FOR SELECT TO kaowu_province USING (true);

CREATE POLICY suspensions_province_insert ON suspensions FOR INSERT TO kaowu_province WITH CHECK (
    imposed_by = {account} AND imposed_by_office_id = {office} AND lifted_at IS NULL AND 'supervise' = ANY ({may})
    AND EXISTS (
        SELECT FROM sanction_cases c JOIN applications a ON a.id = c.application_id
        WHERE c.id = suspensions.case_id AND c.application_id = suspensions.application_id
        AND c.state IN ('proposed', 'hearing', 'decided', 'appealed') AND a.office_id = suspensions.office_id
    )
);

CREATE POLICY suspensions_province_update ON suspensions FOR UPDATE TO kaowu_province
    USING ('supervise' = ANY ({may})) WITH CHECK (lifted_by = {account});

CREATE POLICY suspensions_auditor_select ON suspensions FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY suspensions_transfer_select ON suspensions FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY keeper_select ON suspensions FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON suspensions FOR UPDATE TO kaowu_keeper USING (true);
