-- The one way in which another office is put in charge of a case.
CREATE FUNCTION transfer_case(
    p_application uuid, p_to text, p_delegation uuid, p_reason text, p_at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    who_office text := nullif(current_setting('kaowu.office_id', true), '');
    who_person uuid := nullif(current_setting('kaowu.person_id', true), '')::uuid;
    who_account uuid := nullif(current_setting('kaowu.account_id', true), '')::uuid;
    the_case applications%ROWTYPE;
BEGIN
    SELECT * INTO the_case FROM applications WHERE id = p_application FOR UPDATE;
    IF NOT FOUND OR NOT coalesce(
        who_office IN (the_case.office_id, the_case.handler_office_id)
        -- The province reopens a case of any office, and can only give it back to its owner.
        OR (current_setting('role') = 'kaowu_province' AND p_to = the_case.office_id)
        OR (who_person = the_case.person_id AND the_case.state IN ('draft', 'returned')), false
    ) THEN
        RAISE EXCEPTION 'not the asker''s case to transfer' USING ERRCODE = 'KW404';
    END IF;
    IF p_to <> the_case.office_id AND NOT EXISTS (
        SELECT FROM delegations d WHERE d.id = p_delegation AND d.from_office_id = the_case.office_id
        AND d.to_office_id = p_to AND d.state = 'in_force'
    ) THEN
        RAISE EXCEPTION 'office % holds no delegation in force for this case', p_to USING ERRCODE = 'KW002';
    END IF;
    IF p_to = the_case.handler_office_id THEN
        RETURN;
    END IF;
    UPDATE applications SET handler_office_id = p_to WHERE id = p_application;
    UPDATE case_handlers SET until = p_at WHERE application_id = p_application AND until IS NULL;
    INSERT INTO case_handlers (application_id, office_id, owner_office_id, "from", delegation_id, reason, account_id)
    VALUES (p_application, p_to, the_case.office_id, p_at, p_delegation, p_reason, who_account);
END
$$;

REVOKE ALL ON FUNCTION transfer_case(uuid, text, uuid, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION transfer_case(uuid, text, uuid, text, timestamptz) TO kaowu_app, kaowu_province;
ALTER FUNCTION transfer_case(uuid, text, uuid, text, timestamptz) OWNER TO kaowu_transfer;
