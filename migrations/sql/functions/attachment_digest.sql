-- The digest that a delegation, a batch or a form has of its paper follows from the file.
CREATE FUNCTION attachment_digest() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    earlier text := (SELECT a.sha256 FROM attachments a WHERE a.id = NEW.supersedes);
BEGIN
    -- The first file of a paper, or what supersedes that one; further ones have their digests in their own rows.
    IF NEW.supersedes IS NULL AND EXISTS (
        SELECT FROM attachments a WHERE a.subject_id = NEW.subject_id AND a.subject_type = NEW.subject_type
        AND a.kind = NEW.kind AND a.id <> NEW.id
    ) THEN
        RETURN NULL;
    END IF;
    IF NEW.subject_type = 'delegation' THEN
        UPDATE delegations SET scan_sha256 = NEW.sha256
        WHERE id = NEW.subject_id AND (earlier IS NULL OR scan_sha256 = earlier);
    ELSIF NEW.subject_type = 'onsite_batch' THEN
        UPDATE onsite_batches SET stamped_scan_sha256 = NEW.sha256
        WHERE id = NEW.subject_id AND (earlier IS NULL OR stamped_scan_sha256 = earlier);
    ELSIF NEW.subject_type = 'manager_form' THEN
        UPDATE manager_forms SET stamped_scan_sha256 = NEW.sha256
        WHERE id = NEW.subject_id AND (earlier IS NULL OR stamped_scan_sha256 = earlier);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER attachment_digest AFTER INSERT ON attachments FOR EACH ROW EXECUTE FUNCTION attachment_digest();

REVOKE ALL ON FUNCTION attachment_digest() FROM PUBLIC;
ALTER FUNCTION attachment_digest() OWNER TO kaowu_transfer;
