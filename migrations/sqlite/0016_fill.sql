-- PostgreSQL's room on the pages of instances. SQLite changes a row in its place.
SELECT 1;
