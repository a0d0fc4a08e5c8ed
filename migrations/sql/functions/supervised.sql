-- Whether this version of a case came about by the supervising office's own move.
CREATE FUNCTION supervised(p_application uuid, p_version bigint, p_office text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM moves WHERE application_id = p_application AND version = p_version
        AND acting_office_id = p_office AND action IN ('reopen', 'disqualify'))
$$;

ALTER FUNCTION supervised(uuid, bigint, text) OWNER TO kaowu_transfer;
