-- PostgreSQL's row-level security. SQLite has none: its file belongs to one process, which asks for everybody.
SELECT 1;
