-- Nobody decides on their own case, on one of somebody to whom they declared a relation (回避), or on two stages of one,
-- not with a second account nor through a colleague.
CREATE FUNCTION guard_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    deciding uuid[] := array_remove(ARRAY[NEW.account_id, NEW.on_behalf_of], NULL);
    people uuid[] := ARRAY(SELECT person_id FROM accounts WHERE id = ANY (deciding) AND person_id IS NOT NULL);
BEGIN
    IF EXISTS (SELECT FROM applications WHERE id = NEW.application_id AND person_id = ANY (people)) THEN
        RAISE EXCEPTION 'nobody decides on their own case' USING ERRCODE = 'KW004';
    END IF;
    IF related(deciding, NEW.application_id) THEN
        RAISE EXCEPTION 'nobody decides where they declared a relation' USING ERRCODE = 'KW032';
    END IF;
    IF NEW.from_state IN ('unit_review', 'department_review', 'qualification_review', 'onsite_confirmation')
        AND NEW.action IN ('approve', 'return', 'reject', 'confirm') AND EXISTS (
        SELECT FROM moves m WHERE m.application_id = NEW.application_id AND m.round = NEW.round
        AND m.from_state <> NEW.from_state AND m.action IN ('approve', 'confirm')
        AND (m.account_id = ANY (deciding) OR m.on_behalf_of = ANY (deciding) OR EXISTS (
            SELECT FROM accounts c WHERE c.id IN (m.account_id, m.on_behalf_of) AND c.person_id = ANY (people)))
    ) THEN
        RAISE EXCEPTION 'nobody decides on two stages of one case' USING ERRCODE = 'KW005';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_decision BEFORE INSERT ON moves
    FOR EACH ROW
    WHEN (NEW.action NOT IN ('submit', 'resubmit', 'withdraw', 'supplement', 'lapse', 'expire'))
    EXECUTE FUNCTION guard_decision();

ALTER FUNCTION guard_decision() OWNER TO kaowu_transfer;
