-- The second wall tells readers apart. Who may touch only the customers of certain owners and units is served, where one customer
-- is opened, as the role `engage_reader`: the service names those owners and units (`engage.owners`, `engage.units`), and no
-- statement finds another customer, nor anything of one. Lists and searches are served as before: a policy is checked before the
-- search index could be used. See docs/security.md.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'engage_reader') THEN
        CREATE ROLE engage_reader NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT pg_has_role(current_user, 'engage_reader', 'MEMBER') THEN
        EXECUTE format('GRANT engage_reader TO %I', current_user);
    END IF;
EXCEPTION
    -- Another database of this cluster makes it at the same moment; or we may not.
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
        RAISE NOTICE 'engage_reader: %', SQLERRM;
END $$;

DO $$
DECLARE
    kept text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'engage_reader') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA public TO engage_reader;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO engage_reader;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO engage_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO engage_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO engage_reader;
    -- The settings are read once for a statement, not for each row.
    CREATE POLICY customer_reader ON customer FOR SELECT TO engage_reader USING (
        owner_id = ANY ((SELECT string_to_array(current_setting('engage.owners', TRUE), ',')::uuid[])::uuid[])
        OR unit_id = ANY ((SELECT string_to_array(current_setting('engage.units', TRUE), ',')::uuid[])::uuid[]));
    FOREACH kept IN ARRAY ARRAY['customer_key', 'contact', 'approval']
    LOOP
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO engage_reader USING (EXISTS (SELECT FROM customer AS c WHERE c.id = %I.customer_id))',
            kept || '_reader', kept, kept);
    END LOOP;
    CREATE POLICY history_reader ON history FOR SELECT TO engage_reader
        USING (EXISTS (SELECT FROM customer AS c WHERE c.id = history.customer));
    -- Which lists are let in: without it the customers of all others would be seen.
    CREATE POLICY customer_import_reader ON customer_import FOR SELECT TO engage_reader USING (TRUE);
END $$;
