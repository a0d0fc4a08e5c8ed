-- Who reviewed a case does not decide the appeal against its review, by whichever account or deputy.
CREATE FUNCTION guard_review_appeal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM moves m WHERE m.application_id = NEW.application_id AND m.capacity IN ('unit', 'department', 'office')
        AND m.action <> 'supplement'
        AND (ARRAY[m.account_id, m.on_behalf_of] && acting_accounts() OR EXISTS (
            SELECT FROM accounts d JOIN accounts c ON c.person_id = d.person_id
            WHERE d.id IN (m.account_id, m.on_behalf_of) AND c.id = ANY (acting_accounts())))
    ) THEN
        RAISE EXCEPTION 'who reviewed a case does not decide the appeal' USING ERRCODE = 'KW021';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_review_appeal BEFORE UPDATE ON review_appeals
    FOR EACH ROW WHEN (OLD.state = 'open') EXECUTE FUNCTION guard_review_appeal();

ALTER FUNCTION guard_review_appeal() OWNER TO kaowu_transfer;
