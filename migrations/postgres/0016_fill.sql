-- An instance is written once and changed with each step. Without room on its page the new version goes to wherever a page of
-- others has some left, and among a million that wait it is another page each time: read for it, and after a checkpoint written
-- to the log whole. With room it stays where it is, and no index has to be told.
ALTER TABLE instance SET (fillfactor = 70);
