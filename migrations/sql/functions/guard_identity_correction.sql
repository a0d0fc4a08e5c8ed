-- A correction is examined, then decided, and nobody does either about themselves: neither by another account of the
-- same human being nor by a deputy. Asked as the role that may look behind the policies.
CREATE FUNCTION guard_identity_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (OLD.state, NEW.state) NOT IN (('asked', 'examined'), ('examined', 'granted'), ('examined', 'refused')) THEN
        RAISE EXCEPTION 'a correction is examined, then decided' USING ERRCODE = 'KW028';
    END IF;
    IF NEW.state <> 'asked' AND EXISTS (
        SELECT FROM accounts c WHERE c.person_id = NEW.person_id AND c.id = ANY (acting_accounts())
    ) THEN
        RAISE EXCEPTION 'nobody decides on their own affair' USING ERRCODE = 'KW004';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_identity_correction BEFORE INSERT ON identity_corrections
    FOR EACH ROW EXECUTE FUNCTION guard_identity_correction();
CREATE TRIGGER guard_identity_correction_step BEFORE UPDATE ON identity_corrections
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION guard_identity_correction();

ALTER FUNCTION guard_identity_correction() OWNER TO kaowu_transfer;
