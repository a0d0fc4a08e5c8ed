-- Whether a case is still a draft, of which policies may not ask the table itself.
CREATE FUNCTION is_draft(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM applications WHERE id = p_application AND state = 'draft')
$$;

ALTER FUNCTION is_draft(uuid) OWNER TO kaowu_transfer;
