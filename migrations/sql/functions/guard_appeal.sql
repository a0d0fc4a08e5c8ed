-- Who decided does not decide the appeal, by whichever account or deputy.
CREATE FUNCTION guard_appeal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM sanction_steps s WHERE s.case_id = NEW.case_id AND s.action = 'decide'
        AND (ARRAY[s.account_id, s.on_behalf_of] && acting_accounts() OR EXISTS (
            SELECT FROM accounts d JOIN accounts c ON c.person_id = d.person_id
            WHERE d.id IN (s.account_id, s.on_behalf_of) AND c.id = ANY (acting_accounts())))
    ) THEN
        RAISE EXCEPTION 'who decided does not decide the appeal' USING ERRCODE = 'KW021';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_appeal BEFORE INSERT ON sanction_steps
    FOR EACH ROW WHEN (NEW.action IN ('uphold', 'overturn')) EXECUTE FUNCTION guard_appeal();

ALTER FUNCTION guard_appeal() OWNER TO kaowu_transfer;
