-- Carries a granted correction out, once: the person, their applicant's account, and every application that stands or
-- may be reviewed again, of whichever office. The answer are these applications.
CREATE FUNCTION correct_person(
    p_correction uuid, p_name text, p_initials text, p_hash bytea, p_number bytea, p_tail text, p_birth date, p_sex text
) RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    granted identity_corrections%ROWTYPE;
    former text;
    reached uuid[];
BEGIN
    SELECT * INTO granted FROM identity_corrections c
    WHERE c.id = p_correction AND c.state = 'granted' AND c.carried_out_at IS NULL
    AND c.decided_by = nullif(current_setting('kaowu.account_id', true), '')::uuid FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this correction was not granted, or is carried out' USING ERRCODE = 'KW028';
    END IF;
    UPDATE identity_corrections SET carried_out_at = decided_at WHERE id = granted.id;
    SELECT name INTO former FROM persons WHERE id = granted.person_id;
    UPDATE persons SET name = p_name, id_hash = p_hash, id_number = p_number, id_tail = p_tail, birth_date = p_birth,
        sex = p_sex WHERE id = granted.person_id;
    UPDATE accounts SET name = p_name WHERE person_id = granted.person_id AND issued_by_office_id IS NULL;
    UPDATE inquiries SET person_name = p_name
        WHERE person_id = granted.person_id AND state = 'open' AND person_name = former;
    UPDATE certificates c SET holder_name = a.person_name, holder_tail = a.id_tail FROM applications a
        WHERE a.id = c.application_id AND a.person_id = granted.person_id AND c.holder_name IS NULL;
    WITH changed AS (
        UPDATE applications SET person_name = p_name, initials = p_initials, id_tail = p_tail
        WHERE person_id = granted.person_id AND erased_at IS NULL
        AND state NOT IN ('withdrawn', 'expired') RETURNING id
    )
    SELECT array_agg(id ORDER BY id) INTO reached FROM changed;
    RETURN coalesce(reached, '{}');
END
$$;

REVOKE ALL ON FUNCTION correct_person(uuid, text, text, bytea, bytea, text, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION correct_person(uuid, text, text, bytea, bytea, text, date, text) TO kaowu_app;
ALTER FUNCTION correct_person(uuid, text, text, bytea, bytea, text, date, text) OWNER TO kaowu_transfer;
