-- Suggestions while typing are found by tokens of their own in the index of search: the entry of
-- every live document is written anew.
INSERT INTO search_pending (document_id) SELECT id FROM document WHERE visibility = 'live'
    ON CONFLICT DO NOTHING;
