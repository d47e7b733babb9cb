#!/bin/sh
# sqlite3: tables, indices, triggers, joins, deletes, vacuum; integrity_check at every stage.
. "$(dirname "$0")/run"
need sqlite3 sqlite3

cat >"$dir/churn.sql" <<'SQL'
PRAGMA journal_mode = WAL;
CREATE TABLE item(id INTEGER PRIMARY KEY, key INTEGER, name TEXT, body BLOB);
CREATE TABLE log(id INTEGER PRIMARY KEY, item INTEGER, what TEXT);
CREATE TRIGGER gone AFTER DELETE ON item BEGIN INSERT INTO log(item, what) VALUES (old.id, old.name); END;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
  INSERT INTO item SELECT i, (i * 7919) % 10007, printf('item-%05d-%x', i, i * 2654435761 % 4294967296),
                          zeroblob(i % 300) FROM n;
CREATE INDEX item_key ON item(key);
CREATE INDEX item_name ON item(name, key);
PRAGMA integrity_check;
SELECT count(*), sum(key), max(name), sum(length(body)) FROM item;
DELETE FROM item WHERE key % 3 = 1;
UPDATE item SET name = name || '-' || hex(name), body = zeroblob(20000) WHERE id % 97 = 0;
PRAGMA integrity_check;
SELECT a.key, count(*), group_concat(b.id) FROM item a JOIN item b ON a.key = b.key AND a.id < b.id
  GROUP BY a.key HAVING count(*) > 5 ORDER BY a.key LIMIT 50;
SELECT id, sum(key) OVER (ORDER BY id ROWS 100 PRECEDING) FROM item ORDER BY id LIMIT 50 OFFSET 5000;
SELECT sum(length(j)) FROM (SELECT json_group_array(json_object('k', key, 'n', name)) j FROM item GROUP BY key);
CREATE VIRTUAL TABLE words USING fts5(text);
INSERT INTO words SELECT replace(name, '-', ' ') FROM item;
SELECT count(*) FROM words WHERE words MATCH 'item';
SELECT count(*) FROM log;
VACUUM;
PRAGMA integrity_check;
PRAGMA page_count;
.dump log
SQL

churn() {
    sqlite3 test.db <"$dir/churn.sql"
    sqlite3 test.db 'PRAGMA integrity_check' 'SELECT count(*), sum(key) FROM item'
}
same "sqlite3: churn, vacuum, integrity_check" sqlite3 churn
