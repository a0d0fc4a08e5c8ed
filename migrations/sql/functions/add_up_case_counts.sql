-- Adds up the rows that have come; the sums stay the same, however often and by whom it is called.
CREATE FUNCTION add_up_case_counts() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('kaowu.case_counts'))
        AND (SELECT count(*) >= 500 FROM (SELECT FROM case_counts WHERE NOT summed LIMIT 500) waiting) THEN
        WITH gone AS (DELETE FROM case_counts RETURNING *)
        INSERT INTO case_counts (
            office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n, summed
        )
        SELECT office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, sum(n), true
        FROM gone
        GROUP BY office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision
        HAVING sum(n) <> 0;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION add_up_case_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_up_case_counts() TO kaowu_app;
ALTER FUNCTION add_up_case_counts() OWNER TO kaowu_transfer;
