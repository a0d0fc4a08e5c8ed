ALTER TABLE reminders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON reminders TO kaowu_app;
GRANT SELECT ON reminders TO kaowu_province, kaowu_auditor;

-- Readers of a case see that its person was reminded: unit, department, office and the person.
CREATE POLICY reminders_select ON reminders FOR SELECT TO kaowu_app USING (
    from_unit_id = ANY ({units})
    OR unit_id = ANY ({units})
    OR EXISTS (SELECT FROM applications a WHERE a.id = reminders.application_id)
);

-- A unit reminds its own people, a department the units below it.
CREATE POLICY reminders_insert ON reminders FOR INSERT TO kaowu_app WITH CHECK (
    from_unit_id = ANY ({units})
    AND sent_by = {account}
    AND (
        unit_id = ANY ({units})
        OR EXISTS (
            SELECT FROM applications a WHERE a.id = reminders.application_id AND a.person_id = reminders.person_id
        )
    )
);

CREATE POLICY reminders_kaowu_province_select ON reminders FOR SELECT TO kaowu_province USING (true);
CREATE POLICY reminders_kaowu_auditor_select ON reminders FOR SELECT TO kaowu_auditor USING (true);
