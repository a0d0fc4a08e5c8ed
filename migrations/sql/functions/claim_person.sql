-- The person of an identity number with the registered name, made where there is none; refused where the number has
-- another name. p_compared is the name as core/text/names.py compares it; the expression does the same to a stored one.
CREATE FUNCTION claim_person(
    p_id uuid, p_hash bytea, p_number bytea, p_tail text, p_name text, p_compared text, p_birth date, p_sex text,
    p_phone bytea, p_at timestamptz
) RETURNS TABLE (claimed_id uuid, claimed_name text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    known persons%ROWTYPE;
BEGIN
    INSERT INTO persons (id, id_hash, id_number, id_tail, name, birth_date, sex, phone, created_at)
    VALUES (p_id, p_hash, p_number, p_tail, p_name, p_birth, p_sex, p_phone, p_at)
    ON CONFLICT (id_hash) DO NOTHING;
    SELECT * INTO known FROM persons WHERE id_hash = p_hash;
    IF known.name <> p_name
        AND lower(translate(known.name, '· .,''-', '') COLLATE "C") <> p_compared THEN
        RAISE EXCEPTION 'the identity number is registered under another name' USING ERRCODE = 'KW001';
    END IF;
    RETURN QUERY SELECT known.id, known.name;
END
$$;

REVOKE ALL ON FUNCTION claim_person(uuid, bytea, bytea, text, text, text, date, text, bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_person(uuid, bytea, bytea, text, text, text, date, text, bytea, timestamptz)
    TO kaowu_app, kaowu_province;
ALTER FUNCTION claim_person(uuid, bytea, bytea, text, text, text, date, text, bytea, timestamptz) OWNER TO kaowu_transfer;
