-- The second wall: row-level security on what belongs to customers. The service asks for whoever may read no customer (and
-- for nobody at all, before anyone has signed in) as the role `engage_walled`, which has no policy on these tables: to it
-- they are empty, whatever the statement forgets. Whoever may read customers is served as the tables' owner, and the
-- service's decision function says which. See docs/security.md.
--
-- Making a role wants CREATEROLE. Without it there is no wall: `engage-service doctor` says so, and what to do.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'engage_walled') THEN
        CREATE ROLE engage_walled NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    -- A superuser is a member of every role. Granting again would only get into the way of another database's migration.
    IF NOT pg_has_role(current_user, 'engage_walled', 'MEMBER') THEN
        EXECUTE format('GRANT engage_walled TO %I', current_user);
    END IF;
EXCEPTION
    -- Another database of this cluster makes it at the same moment; or we may not.
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
        RAISE NOTICE 'engage_walled: %', SQLERRM;
END $$;

DO $$
DECLARE
    walled text;
BEGIN
    FOREACH walled IN ARRAY ARRAY['customer', 'customer_key', 'contact', 'customer_import', 'customer_import_chunk',
        'customer_import_reject', 'customer_import_update', 'history']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled);
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'engage_walled') THEN
        GRANT USAGE ON SCHEMA public TO engage_walled;
        GRANT ALL ON ALL TABLES IN SCHEMA public TO engage_walled;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO engage_walled;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO engage_walled;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO engage_walled;
        -- Who works on a case may add to a history that they may not read.
        CREATE POLICY history_append ON history FOR INSERT TO engage_walled WITH CHECK (true);
    END IF;
END $$;

-- A view sees what its reader sees, not what its owner does.
ALTER VIEW customer_name_view SET (security_invoker = true);
