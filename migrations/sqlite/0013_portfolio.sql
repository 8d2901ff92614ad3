-- owner: desk
-- Who may see only their own customers, or those of their unit, finds them among a million of others.
CREATE INDEX customer_owner_id_idx ON customer (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX customer_unit_id_idx ON customer (unit_id) WHERE unit_id IS NOT NULL;
