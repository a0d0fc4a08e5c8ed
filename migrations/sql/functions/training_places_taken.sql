-- How many places of a course are taken.
CREATE FUNCTION training_places_taken(p_course uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT count(*) FROM training_enrolments WHERE course_id = p_course AND withdrawn_at IS NULL
$$;

REVOKE ALL ON FUNCTION training_places_taken(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION training_places_taken(uuid) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION training_places_taken(uuid) OWNER TO kaowu_transfer;
