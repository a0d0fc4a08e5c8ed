ALTER TABLE onsite_bookings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON onsite_bookings TO kaowu_app;
GRANT UPDATE (state, state_at, ended_reason) ON onsite_bookings TO kaowu_app;
GRANT SELECT ON onsite_bookings TO kaowu_province, kaowu_auditor, kaowu_transfer;

CREATE POLICY onsite_bookings_select ON onsite_bookings FOR SELECT TO kaowu_app
    USING (unit_id = ANY ({units}) OR office_id = {office});

CREATE POLICY onsite_bookings_insert ON onsite_bookings FOR INSERT TO kaowu_app
    WITH CHECK (booked_by = {account} AND (unit_id = ANY ({units}) OR office_id = {office}));

CREATE POLICY onsite_bookings_update ON onsite_bookings FOR UPDATE TO kaowu_app
    USING (unit_id = ANY ({units}) OR office_id = {office}) WITH CHECK (true);

CREATE POLICY onsite_bookings_kaowu_province_select ON onsite_bookings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY onsite_bookings_kaowu_auditor_select ON onsite_bookings FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY onsite_bookings_transfer_select ON onsite_bookings FOR SELECT TO kaowu_transfer USING (true);
