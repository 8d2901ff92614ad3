-- What the messages of incidents with the same cause have in common: numbers, ids and quoted words left open.
ALTER TABLE incident ADD COLUMN pattern TEXT NOT NULL DEFAULT '';
