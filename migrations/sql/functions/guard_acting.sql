-- Only a colleague of the same place acts for somebody, and nobody who is away or whose deputies are.
CREATE FUNCTION guard_acting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    held role_grants%ROWTYPE;
BEGIN
    -- One at a time, so that two that would make a chain together cannot both see neither.
    PERFORM pg_advisory_xact_lock(hashtext('kaowu.acting_grants'));
    SELECT * INTO held FROM role_grants WHERE id = NEW.grant_id;
    IF NOT FOUND OR NOT EXISTS (
        SELECT FROM role_grants d WHERE d.account_id = NEW.deputy_id AND d.account_id <> held.account_id
        AND num_nonnulls(held.office_id, held.unit_id) = 1
        AND d.office_id IS NOT DISTINCT FROM held.office_id AND d.unit_id IS NOT DISTINCT FROM held.unit_id
    ) THEN
        RAISE EXCEPTION 'only a colleague of the same place acts for somebody' USING ERRCODE = 'KW007';
    END IF;
    IF EXISTS (
        SELECT FROM acting_grants a JOIN role_grants g ON g.id = a.grant_id
        WHERE (g.account_id = NEW.deputy_id OR a.deputy_id = held.account_id)
        AND a.valid_from < NEW.valid_until AND coalesce(a.ended_at, a.valid_until) > NEW.valid_from
    ) THEN
        RAISE EXCEPTION 'who is on leave acts for nobody meanwhile' USING ERRCODE = 'KW006';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_acting BEFORE INSERT ON acting_grants FOR EACH ROW EXECUTE FUNCTION guard_acting();

ALTER FUNCTION guard_acting() OWNER TO kaowu_transfer;
