-- Whether a suspension kept a candidate out during this time: who was not let in is not absent.
CREATE FUNCTION kept_out(p_application uuid, p_from timestamptz, p_until timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT FROM suspensions WHERE application_id = p_application
        AND imposed_at < p_until AND (lifted_at IS NULL OR lifted_at > p_from)
    )
$$;

REVOKE ALL ON FUNCTION kept_out(uuid, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kept_out(uuid, timestamptz, timestamptz) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION kept_out(uuid, timestamptz, timestamptz) OWNER TO kaowu_transfer;
