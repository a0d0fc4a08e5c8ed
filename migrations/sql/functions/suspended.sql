-- Whether a suspension is in force against an application.
CREATE FUNCTION suspended(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM suspensions WHERE application_id = p_application AND lifted_at IS NULL)
$$;

REVOKE ALL ON FUNCTION suspended(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION suspended(uuid) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION suspended(uuid) OWNER TO kaowu_transfer;
