-- Whether a case of sanctions stands against an application.
CREATE FUNCTION under_sanction(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    -- A decision that takes the certificate away also holds where none was issued yet.
    SELECT EXISTS (
        SELECT FROM sanction_cases WHERE application_id = p_application
        AND (state IN ('proposed', 'hearing', 'decided', 'appealed') OR (state = 'final' AND revokes))
    )
$$;

REVOKE ALL ON FUNCTION under_sanction(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION under_sanction(uuid) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION under_sanction(uuid) OWNER TO kaowu_transfer;
