-- The person, the unit and the office of a correction read it, as do those who read its case. A unit's own slip is no
-- office's business: it stood before anything was handed in.
ALTER TABLE identity_corrections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON identity_corrections TO kaowu_app;
GRANT UPDATE (
    state, examined_at, examined_by, examined_on_behalf, examined_by_name, examination, decided_at, decided_by,
    decided_by_name, remark
) ON identity_corrections TO kaowu_app;
GRANT SELECT ON identity_corrections TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT UPDATE (carried_out_at) ON identity_corrections TO kaowu_transfer;
GRANT SELECT (id, was, becomes, decided_at) ON identity_corrections TO kaowu_keeper;
GRANT UPDATE (was, becomes, reason, evidence, examination, remark) ON identity_corrections TO kaowu_keeper;

CREATE POLICY identity_corrections_select ON identity_corrections FOR SELECT TO kaowu_app USING (
    person_id = {person}
    OR unit_id = ANY ({units})
    OR (office_id = {office} AND NOT at_once)
    OR asked_office_id = {office}
    OR EXISTS (SELECT FROM applications a WHERE a.id = application_id)
);

CREATE POLICY identity_corrections_insert ON identity_corrections FOR INSERT TO kaowu_app WITH CHECK (
    asked_by = {account} AND carried_out_at IS NULL AND CASE {scope}
        WHEN 'person' THEN
            'apply' = ANY ({may}) AND person_id = {person} AND state = 'asked' AND NOT at_once
            AND (application_id IS NULL OR EXISTS (
                SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person}
                AND (a.office_id, a.unit_id) = (identity_corrections.office_id, identity_corrections.unit_id)
            ))
        WHEN 'unit' THEN
            {may} && ARRAY['review_for_unit', 'review_for_department'] AND unit_id = ANY ({units})
            AND EXISTS (
                SELECT FROM applications a
                WHERE a.id = application_id AND a.person_id = identity_corrections.person_id
                AND (a.office_id, a.unit_id) = (identity_corrections.office_id, identity_corrections.unit_id)
            )
            AND (state = 'asked' OR (at_once AND decided_by = {account} AND is_own_slip(person_id)))
        ELSE
            'run_office' = ANY ({may}) AND asked_office_id = {office} AND NOT at_once
            AND (state = 'asked' OR (state = 'examined' AND office_id = {office} AND examined_by = {account}))
    END
);

CREATE POLICY identity_corrections_update ON identity_corrections FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND NOT at_once
) WITH CHECK (
    CASE state
        WHEN 'examined' THEN examined_by = {account} AND 'run_office' = ANY ({may})
        ELSE decided_by = {account} AND 'supervise' = ANY ({may})
    END
);

CREATE POLICY identity_corrections_kaowu_province_select ON identity_corrections
    FOR SELECT TO kaowu_province USING (true);

CREATE POLICY identity_corrections_kaowu_auditor_select ON identity_corrections
    FOR SELECT TO kaowu_auditor USING (true);

CREATE POLICY identity_corrections_transfer_select ON identity_corrections FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY identity_corrections_transfer_update ON identity_corrections FOR UPDATE TO kaowu_transfer USING (true);
CREATE POLICY keeper_select ON identity_corrections FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON identity_corrections FOR UPDATE TO kaowu_keeper USING (true);
