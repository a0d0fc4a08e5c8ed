-- Whether a final case orders the disqualification: the only ground for the move of that name.
CREATE FUNCTION is_disqualified(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT FROM sanction_cases WHERE application_id = p_application AND state = 'final' AND disqualifies
    )
$$;

REVOKE ALL ON FUNCTION is_disqualified(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_disqualified(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION is_disqualified(uuid) OWNER TO kaowu_transfer;
