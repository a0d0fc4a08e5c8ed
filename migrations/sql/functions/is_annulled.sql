-- Whether a final case found the review wrong: the only ground to take a published outcome back into review.
CREATE FUNCTION is_annulled(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT FROM sanction_cases WHERE application_id = p_application AND state = 'final' AND kind = 'error'
    )
$$;

REVOKE ALL ON FUNCTION is_annulled(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_annulled(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION is_annulled(uuid) OWNER TO kaowu_transfer;
