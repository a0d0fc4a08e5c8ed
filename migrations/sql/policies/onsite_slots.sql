ALTER TABLE onsite_slots ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON onsite_slots TO kaowu_app;
GRANT UPDATE (begins, ends, place, capacity, cancelled_at, cancelled_reason) ON onsite_slots TO kaowu_app;
GRANT SELECT ON onsite_slots TO kaowu_province, kaowu_auditor;

-- The units that a time is meant for; without a list it is meant for every unit.
CREATE POLICY onsite_slots_select ON onsite_slots FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR ({scope} = 'unit' AND (unit_ids IS NULL OR unit_ids && ({units})::text[]))
    OR ({scope} = 'unit' AND EXISTS (SELECT FROM onsite_bookings b WHERE b.slot_id = onsite_slots.id))
);

CREATE POLICY onsite_slots_insert ON onsite_slots FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND made_by = {account});

CREATE POLICY onsite_slots_update ON onsite_slots FOR UPDATE TO kaowu_app
    USING (office_id = {office}) WITH CHECK (office_id = {office});

CREATE POLICY onsite_slots_kaowu_province_select ON onsite_slots FOR SELECT TO kaowu_province USING (true);
CREATE POLICY onsite_slots_kaowu_auditor_select ON onsite_slots FOR SELECT TO kaowu_auditor USING (true);
