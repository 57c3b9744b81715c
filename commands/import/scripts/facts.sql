-- What the import has to know of a MySQL 5.7 to 9 or MariaDB server: a line for each, its words between tabs. `DATABASE()` is what is to be copied.
SELECT 'version', VERSION();
SELECT 'mode', @@GLOBAL.sql_mode;
SELECT 'bytes', COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE();
SELECT 'table', t.TABLE_NAME, COALESCE(t.ENGINE, ''), COALESCE(k.has, 0), t.TABLE_TYPE
  FROM information_schema.TABLES t
  LEFT JOIN (SELECT TABLE_NAME, 1 AS has FROM information_schema.TABLE_CONSTRAINTS
    WHERE TABLE_SCHEMA = DATABASE() AND CONSTRAINT_TYPE = 'PRIMARY KEY') k ON k.TABLE_NAME = t.TABLE_NAME
  WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE <> 'VIEW';
SELECT DISTINCT 'collation', TABLE_COLLATION FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_COLLATION IS NOT NULL;
SELECT DISTINCT 'collation', COLLATION_NAME FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL;
SELECT 'column', TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COALESCE(COLUMN_DEFAULT, ''), EXTRA FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = DATABASE()
    AND (DATA_TYPE IN ('uuid', 'inet4', 'inet6', 'xmltype') OR COLUMN_DEFAULT LIKE '0000-00-00%' OR COLUMN_DEFAULT LIKE '''0000-00-00%'
      OR COLUMN_DEFAULT LIKE '%nextval(%' OR COLUMN_TYPE LIKE '%/*M!%'
      OR (DATA_TYPE IN ('tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'geometry')
        AND COLUMN_DEFAULT IS NOT NULL AND COLUMN_DEFAULT <> 'NULL' AND EXTRA NOT LIKE '%DEFAULT_GENERATED%'));
SELECT 'float', TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE = 'float';
SELECT DISTINCT 'definer', DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE();
SELECT DISTINCT 'definer', DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE();
SELECT DISTINCT 'definer', DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE();
SELECT DISTINCT 'definer', DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE();
SELECT 'event', EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE();
SELECT 'routine', ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE();
-- what following needs
SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', 'binlog_row_value_options', 'binlog_expire_logs_seconds');
SELECT 'privilege', PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER();
