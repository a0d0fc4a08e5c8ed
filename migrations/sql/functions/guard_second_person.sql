-- A second person is another account, and not the same human being's other account or their deputy.
CREATE FUNCTION guard_second_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before uuid[] := array_remove(
        ARRAY[(to_jsonb(NEW) ->> TG_ARGV[0])::uuid, (to_jsonb(NEW) ->> TG_ARGV[1])::uuid], NULL);
    after uuid[] := array_remove(
        ARRAY[NEW.decided_by, nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid], NULL);
BEGIN
    IF before && after OR EXISTS (
        SELECT FROM accounts b JOIN accounts a ON a.person_id = b.person_id
        WHERE b.id = ANY (before) AND a.id = ANY (after)
    ) THEN
        RAISE EXCEPTION 'the second person must be somebody else' USING ERRCODE = 'KW021';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_second_person BEFORE UPDATE ON certificate_reissues
    FOR EACH ROW
    WHEN (NEW.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_second_person('proposed_by', 'proposed_on_behalf');
CREATE TRIGGER guard_second_person_asked BEFORE UPDATE ON certificate_reissues
    FOR EACH ROW
    WHEN (NEW.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_second_person('asked_by', 'asked_on_behalf');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON factor_removals
    FOR EACH ROW
    WHEN (NEW.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_second_person('proposed_by', 'proposed_on_behalf');
CREATE TRIGGER guard_second_person_owner BEFORE UPDATE ON factor_removals
    FOR EACH ROW
    WHEN (NEW.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_second_person('account_id', 'account_id');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON identity_corrections
    FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_second_person('examined_by', 'examined_on_behalf');
CREATE TRIGGER guard_second_person_asked BEFORE UPDATE ON identity_corrections
    FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_second_person('asked_by', 'asked_on_behalf');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON mark_corrections
    FOR EACH ROW WHEN (NEW.state <> 'asked') EXECUTE FUNCTION guard_second_person('asked_by', 'asked_on_behalf');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON mark_imports
    FOR EACH ROW
    WHEN (NEW.state = 'confirmed')
    EXECUTE FUNCTION guard_second_person('proposed_by', 'proposed_on_behalf');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON panel_rankings
    FOR EACH ROW
    WHEN (OLD.state = 'proposed' AND NEW.state = 'confirmed')
    EXECUTE FUNCTION guard_second_person('proposed_by', 'proposed_on_behalf');
CREATE TRIGGER guard_second_person BEFORE UPDATE ON strikings
    FOR EACH ROW
    WHEN (NEW.state IN ('granted', 'refused') AND OLD.state = 'proposed')
    EXECUTE FUNCTION guard_second_person('proposed_by', 'proposed_on_behalf');

ALTER FUNCTION guard_second_person() OWNER TO kaowu_transfer;
