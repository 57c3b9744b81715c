-- Statements that answer for each table of `DATABASE()`: name, rows, and the sum of all rows' checksums. They are of values as text or bytes, so neither
-- versions, nor how rows are stored, nor their order counts, nor the invisible key that a group gives a table. Of a FLOAT, six digits count:
-- mysqldump copies no more.
SET SESSION group_concat_max_len = 4294967295;
SELECT CONCAT('SELECT ', QUOTE(t.TABLE_NAME), ', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('','', ',
    GROUP_CONCAT(CONCAT('IFNULL(CRC32(', c.name, '), ''-'')') ORDER BY c.ORDINAL_POSITION SEPARATOR ', '),
    '))), 0) FROM `', REPLACE(t.TABLE_NAME, '`', '``'), '`;')
  FROM information_schema.TABLES t
  JOIN (SELECT TABLE_NAME, ORDINAL_POSITION, CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`') AS name
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()) c ON c.TABLE_NAME = t.TABLE_NAME
  WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_NAME <> 'threewall_import'
  GROUP BY t.TABLE_NAME ORDER BY t.TABLE_NAME;
