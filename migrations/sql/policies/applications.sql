ALTER TABLE applications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON applications TO kaowu_app;
GRANT UPDATE (
    department_id, person_name, id_tail, unit_name, grade, trade, path, state, version, round, form, route, desks,
    onsite_needed, deferral_open, unlocked_items, submitted_at, due_at, initials, asks
) ON applications TO kaowu_app, kaowu_province;
GRANT SELECT ON applications TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, handler_office_id, person_id, state, round, created_at, erased_at) ON applications TO kaowu_keeper;
GRANT UPDATE (person_name, initials, id_tail, form, erased_at) ON applications TO kaowu_keeper;
GRANT UPDATE (handler_office_id, person_name, initials, id_tail) ON applications TO kaowu_transfer;
GRANT USAGE ON SEQUENCE application_numbers TO kaowu_app;

CREATE POLICY applications_select ON applications FOR SELECT TO kaowu_app USING (
    person_id = {person}
    OR unit_id = ANY ({units})
    OR department_id = ANY ({units})
    OR (
        (state <> 'draft' OR {scope} = 'system')
        AND (
            office_id = {office}
            OR handler_office_id = {office}
            OR EXISTS (
                SELECT FROM case_handlers h WHERE h.application_id = applications.id AND h.office_id = {office}
            )
        )
    )
);

-- Who judges numbers does not look up the cases of those who may stand behind them.
CREATE POLICY blind ON applications AS RESTRICTIVE FOR SELECT TO kaowu_app, kaowu_province, kaowu_auditor USING (
    id <> ALL ((SELECT blind_cases())::uuid[])
);

CREATE POLICY applications_insert ON applications FOR INSERT TO kaowu_app WITH CHECK (
    state = 'draft' AND version = 0 AND handler_office_id = office_id
    AND (person_id = {person} OR unit_id = ANY ({units}))
);

-- The owner may lock a case that another office has in hand, and change it by its own supervising move alone.
CREATE POLICY applications_update ON applications FOR UPDATE TO kaowu_app USING (
    person_id = {person}
    OR unit_id = ANY ({units})
    OR department_id = ANY ({units})
    OR {office} IN (handler_office_id, office_id)
) WITH CHECK (
    person_id = {person}
    OR unit_id = ANY ({units})
    OR department_id = ANY ({units})
    OR handler_office_id = {office}
    OR (office_id = {office} AND ({scope} = 'system' OR supervised(id, version, {office})))
);

CREATE POLICY applications_kaowu_province_select ON applications FOR SELECT TO kaowu_province USING (true);

CREATE POLICY applications_province_update ON applications FOR UPDATE TO kaowu_province
    USING (true) WITH CHECK (true);

CREATE POLICY applications_kaowu_auditor_select ON applications FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON applications FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON applications FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY applications_transfer_select ON applications FOR SELECT TO kaowu_transfer USING (true);

CREATE POLICY applications_transfer_update ON applications FOR UPDATE TO kaowu_transfer
    USING (true) WITH CHECK (true);
