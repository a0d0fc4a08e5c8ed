-- What anybody may learn of a ticket by its number: when it was issued, whether it is still in force, and why not: the
-- fields that a later ticket changed, or that a move of the case or a suspension took it along. The office's own words
-- stay inside.
CREATE FUNCTION ticket_standing(p_number text)
RETURNS TABLE (issued_at timestamptz, voided_at timestamptz, changed text[], by_move boolean, by_suspension boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT t.issued_at, t.voided_at, t.changed, t.voided_by_move IS NOT NULL, t.voided_by_suspension IS NOT NULL
    FROM admission_tickets t WHERE t.number = p_number
$$;

REVOKE ALL ON FUNCTION ticket_standing(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ticket_standing(text) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION ticket_standing(text) OWNER TO kaowu_transfer;
