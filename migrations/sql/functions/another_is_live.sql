-- Whether the person of a case has another live application of its season, at whichever office. A case of sanctions is
-- opened against the live one; the states that are not live are those of core/domain/workflow.py. The lock is that of
-- case_of_season.
CREATE FUNCTION another_is_live(p_application uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    this applications%ROWTYPE;
BEGIN
    SELECT * INTO this FROM applications WHERE id = p_application;
    PERFORM pg_advisory_xact_lock(hashtextextended('season/' || this.person_id || '/' || this.year, 0));
    RETURN EXISTS (
        SELECT FROM applications a WHERE a.person_id = this.person_id AND a.year = this.year AND a.id <> this.id
        AND a.state NOT IN ('draft', 'withdrawn', 'rejected', 'expired')
    );
END
$$;

REVOKE ALL ON FUNCTION another_is_live(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION another_is_live(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION another_is_live(uuid) OWNER TO kaowu_transfer;
