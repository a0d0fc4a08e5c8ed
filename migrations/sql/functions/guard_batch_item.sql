-- A paper goes out of a batch once: what was returned or dropped stays so, and only a signature is taken back. Nobody
-- signs for a certificate that is not in force, nor before the batch was handed over.
CREATE FUNCTION guard_batch_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (
        OLD.state = 'waiting' OR (OLD.state = 'received' AND NEW.state = 'waiting')
    ) OR NEW.state IN ('received', 'returned') AND NEW.state <> OLD.state AND (
        NOT EXISTS (SELECT FROM certificate_batches b WHERE b.id = NEW.batch_id AND b.handed_at IS NOT NULL)
        OR EXISTS (
            SELECT FROM certificates c
            WHERE c.id = NEW.certificate_id AND (c.revoked_at IS NOT NULL OR c.superseded_at IS NOT NULL)
        )
    ) THEN
        RAISE EXCEPTION 'a paper in a batch is settled once, and signed for while its certificate holds'
            USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_batch_item BEFORE UPDATE ON certificate_batch_items FOR EACH ROW EXECUTE FUNCTION guard_batch_item();

REVOKE ALL ON FUNCTION guard_batch_item() FROM PUBLIC;
ALTER FUNCTION guard_batch_item() OWNER TO kaowu_transfer;
