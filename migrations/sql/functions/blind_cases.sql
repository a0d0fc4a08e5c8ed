-- The cases behind the numbers of those panels.
CREATE FUNCTION blind_cases() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(array_agg(i.application_id), '{}') FROM panel_identities i WHERE i.panel_id = ANY (blind_panels())
$$;

REVOKE ALL ON FUNCTION blind_cases() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION blind_cases() TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION blind_cases() OWNER TO kaowu_transfer;
