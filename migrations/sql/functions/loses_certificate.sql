-- Whether a final case takes the certificate away.
CREATE FUNCTION loses_certificate(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM sanction_cases WHERE application_id = p_application AND state = 'final' AND revokes)
$$;

REVOKE ALL ON FUNCTION loses_certificate(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loses_certificate(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION loses_certificate(uuid) OWNER TO kaowu_transfer;
