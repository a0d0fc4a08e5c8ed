ALTER TABLE persons ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON persons TO kaowu_app, kaowu_province, kaowu_auditor;
GRANT UPDATE (phone) ON persons TO kaowu_app, kaowu_transfer;
GRANT SELECT (id, id_hash, id_number, name, phone, created_at) ON persons TO kaowu_keeper;
GRANT UPDATE (id_hash, id_number, id_tail, name, birth_date, phone) ON persons TO kaowu_keeper;
GRANT SELECT, INSERT ON persons TO kaowu_transfer;
GRANT UPDATE (id_hash, id_number, id_tail, name, birth_date, sex) ON persons TO kaowu_transfer;

CREATE POLICY persons_select ON persons FOR SELECT TO kaowu_app USING (
    id = {person} OR EXISTS (SELECT FROM applications a WHERE a.person_id = persons.id)
);

CREATE POLICY persons_update ON persons FOR UPDATE TO kaowu_app USING (id = {person}) WITH CHECK (true);
CREATE POLICY persons_kaowu_province_select ON persons FOR SELECT TO kaowu_province USING (true);
CREATE POLICY persons_kaowu_auditor_select ON persons FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON persons FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON persons FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY persons_transfer_select ON persons FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY persons_transfer_insert ON persons FOR INSERT TO kaowu_transfer WITH CHECK (true);
CREATE POLICY persons_prove_phone ON persons FOR UPDATE TO kaowu_transfer USING (true);
