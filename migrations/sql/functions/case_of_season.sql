-- What a case of sanctions about another application of the same person and season says against submitting this one:
-- 'disqualified' by a final decision, 'open' while it is undecided, null for nothing. Asked by the person alone.
-- Submissions and proposals of one person's season wait for each other, so that neither slips by.
CREATE FUNCTION case_of_season(p_application uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    mine applications%ROWTYPE;
BEGIN
    SELECT * INTO mine FROM applications
    WHERE id = p_application AND person_id = nullif(current_setting('kaowu.person_id', true), '')::uuid;
    PERFORM pg_advisory_xact_lock(hashtextextended('season/' || mine.person_id || '/' || mine.year, 0));
    RETURN (
        SELECT CASE WHEN bool_or(c.state = 'final') THEN 'disqualified' WHEN count(*) > 0 THEN 'open' END
        FROM sanction_cases c JOIN applications a ON a.id = c.application_id
        WHERE a.person_id = mine.person_id AND a.year = mine.year AND a.id <> mine.id
        AND (c.state IN ('proposed', 'hearing', 'decided', 'appealed') OR (c.state = 'final' AND c.disqualifies))
    );
END
$$;

REVOKE ALL ON FUNCTION case_of_season(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_of_season(uuid) TO kaowu_app;
ALTER FUNCTION case_of_season(uuid) OWNER TO kaowu_transfer;
