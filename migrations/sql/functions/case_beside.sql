-- What a case of sanctions about another application of the same person and season says against reviewing this one again:
-- 'disqualified' by a final decision, 'open' while it is undecided, null for nothing. The lock is that of case_of_season.
CREATE FUNCTION case_beside(p_application uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    this applications%ROWTYPE;
BEGIN
    SELECT * INTO this FROM applications WHERE id = p_application;
    PERFORM pg_advisory_xact_lock(hashtextextended('season/' || this.person_id || '/' || this.year, 0));
    RETURN (
        SELECT CASE WHEN bool_or(c.state = 'final') THEN 'disqualified' WHEN count(*) > 0 THEN 'open' END
        FROM sanction_cases c JOIN applications a ON a.id = c.application_id
        WHERE a.person_id = this.person_id AND a.year = this.year AND a.id <> this.id
        AND (c.state IN ('proposed', 'hearing', 'decided', 'appealed') OR (c.state = 'final' AND c.disqualifies))
    );
END
$$;

REVOKE ALL ON FUNCTION case_beside(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_beside(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION case_beside(uuid) OWNER TO kaowu_transfer;
