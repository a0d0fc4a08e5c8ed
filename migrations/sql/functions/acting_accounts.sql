-- The accounts that act: one's own and, for a deputy, the colleague's.
CREATE FUNCTION acting_accounts() RETURNS uuid[] LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT array_remove(ARRAY[
        nullif(current_setting('kaowu.account_id', true), '')::uuid,
        nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid], NULL)
$$;

ALTER FUNCTION acting_accounts() OWNER TO kaowu_transfer;
