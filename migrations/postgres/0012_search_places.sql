-- On SQLite: where what is found is listed, in an order of its own. PostgreSQL looks at the entry
-- of every hit anyway, and finds the rest in `listing`.
SELECT 1;
