-- What the public may ask of a certificate that was issued again, by the digest of number and name: since when, why, and
-- the number of the one that took its place.
CREATE FUNCTION certificate_successor(p_verification bytea)
RETURNS TABLE (superseded_at timestamptz, ground text, number text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.superseded_at, c.superseded_ground, n.number
    FROM certificates c JOIN certificates n ON n.replaces_id = c.id
    JOIN offices o ON o.id = c.office_id AND NOT o.practice
    WHERE c.verification = p_verification AND c.superseded_at IS NOT NULL
$$;

REVOKE ALL ON FUNCTION certificate_successor(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION certificate_successor(bytea) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION certificate_successor(bytea) OWNER TO kaowu_transfer;
