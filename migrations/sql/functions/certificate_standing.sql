-- What the public may ask of a certificate, by the digest of number and name. Certificates of practice offices are
-- answered like those that do not exist. Why one was revoked is told as a kind: the words of a case are not the public's.
CREATE FUNCTION certificate_standing(p_verification bytea)
RETURNS TABLE (
    number text, year bigint, grade bigint, trade text, issued_at timestamptz, revoked_at timestamptz, revoked_ground text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.number, c.year, a.grade, a.trade, c.issued_at, c.revoked_at,
        CASE WHEN c.revoked_at IS NULL THEN ''
            WHEN is_annulled(c.application_id) THEN 'error'
            WHEN loses_certificate(c.application_id) THEN 'violation'
            ELSE 'correction' END
    FROM certificates c JOIN applications a ON a.id = c.application_id
    JOIN offices o ON o.id = c.office_id AND NOT o.practice
    WHERE c.verification = p_verification
$$;

REVOKE ALL ON FUNCTION certificate_standing(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION certificate_standing(bytea) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION certificate_standing(bytea) OWNER TO kaowu_transfer;
