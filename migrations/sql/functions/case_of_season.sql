-- The same to the person, who submits an application: nobody learns by it of a case of somebody else.
-- Submissions and proposals of one person's season wait for each other, so that neither slips by.
CREATE FUNCTION case_of_season(p_application uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    RETURN case_beside((
        SELECT id FROM applications
        WHERE id = p_application AND person_id = nullif(current_setting('kaowu.person_id', true), '')::uuid
    ));
END
$$;

REVOKE ALL ON FUNCTION case_of_season(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_of_season(uuid) TO kaowu_app;
ALTER FUNCTION case_of_season(uuid) OWNER TO kaowu_transfer;
