-- The number of an office's next case of accountability in a year. A supervisor does not see a case against themselves
-- before they are told; its number is taken all the same.
CREATE FUNCTION next_accountability_number(p_year bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(max(number), 0) + 1 FROM accountability_cases
    WHERE 'supervise' = ANY ({may}) AND office_id = {office} AND year = p_year
$$;

REVOKE ALL ON FUNCTION next_accountability_number(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION next_accountability_number(bigint) TO kaowu_app;
ALTER FUNCTION next_accountability_number(bigint) OWNER TO kaowu_transfer;
