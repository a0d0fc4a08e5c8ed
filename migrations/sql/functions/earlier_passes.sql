-- For candidates of the asking office alone, and no more than that a subject was passed: in which year, with which
-- mark.
CREATE FUNCTION earlier_passes(p_year bigint, p_years bigint, p_pass_mark numeric)
RETURNS TABLE (application_id uuid, year bigint, subject text, mark numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT n.id, m.year, m.subject, m.mark
    FROM applications n
    JOIN applications b ON b.person_id = n.person_id AND b.grade = n.grade AND b.trade = n.trade
    JOIN marks m ON m.application_id = b.id
    WHERE n.office_id = {office} AND {scope} IN ('office', 'system') AND {may} && ARRAY['examine', 'supervise']
    AND n.year = p_year AND n.state = 'qualified' AND b.state = 'qualified'
    AND m.year BETWEEN p_year - p_years AND p_year - 1 AND m.status = 'scored' AND m.mark >= p_pass_mark
$$;

REVOKE ALL ON FUNCTION earlier_passes(bigint, bigint, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION earlier_passes(bigint, bigint, numeric) TO kaowu_app;
ALTER FUNCTION earlier_passes(bigint, bigint, numeric) OWNER TO kaowu_transfer;
