-- What the door found a file to be. Nothing is known of files that came before it looked.
ALTER TABLE file ADD COLUMN media_type TEXT;
-- Points of a picture, as it is shown.
ALTER TABLE file ADD COLUMN width INTEGER;
ALTER TABLE file ADD COLUMN height INTEGER;
-- Since when no edition is known to use it. It is collected when that is long ago.
ALTER TABLE file ADD COLUMN unused_since INTEGER;
CREATE INDEX file_unused ON file (unused_since) WHERE unused_since IS NOT NULL;
