-- Three people have a hand in a sanction: who proposed it does not decide it, and neither of the two carries it out, alone
-- or by upholding it on appeal. Another account of the same person and a deputy are the same hand.
CREATE FUNCTION guard_case_hands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before uuid[];
BEGIN
    SELECT array_remove(array_agg(hand), NULL) INTO before FROM (
        SELECT unnest(ARRAY[c.opened_by, c.opened_on_behalf]) AS hand FROM sanction_cases c WHERE c.id = NEW.case_id
        UNION ALL
        SELECT unnest(ARRAY[s.account_id, s.on_behalf_of]) FROM sanction_steps s
        WHERE s.case_id = NEW.case_id AND s.action = 'decide' AND NEW.action <> 'decide'
    ) hands;
    IF before && acting_accounts() OR EXISTS (
        SELECT FROM accounts b JOIN accounts a ON a.person_id = b.person_id
        WHERE b.id = ANY (before) AND a.id = ANY (acting_accounts())
    ) THEN
        RAISE EXCEPTION 'this step is for somebody without a hand in the case' USING ERRCODE = 'KW021';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_case_hands BEFORE INSERT ON sanction_steps
    FOR EACH ROW WHEN (NEW.action IN ('decide', 'carry_out', 'uphold')) EXECUTE FUNCTION guard_case_hands();

ALTER FUNCTION guard_case_hands() OWNER TO kaowu_transfer;
