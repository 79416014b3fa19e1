-- The index of search is merged beside all other work (`store::search::merge`): two parts of one
-- size are enough for it.
INSERT INTO search_text (search_text, rank) VALUES ('usermerge', 2);
