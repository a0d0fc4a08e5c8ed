-- What anybody may learn of a ticket by its number: when it was issued and whether it is still in force.
CREATE FUNCTION ticket_standing(p_number text) RETURNS TABLE (issued_at timestamptz, voided_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT t.issued_at, t.voided_at FROM admission_tickets t WHERE t.number = p_number
$$;

REVOKE ALL ON FUNCTION ticket_standing(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ticket_standing(text) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION ticket_standing(text) OWNER TO kaowu_transfer;
