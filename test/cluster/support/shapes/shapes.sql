-- A database of other people's shapes: every type of column, every kind of object, odd names and character sets.
CREATE DATABASE shapes_one CHARACTER SET utf8mb4;
CREATE DATABASE shapes_latin CHARACTER SET latin1;
CREATE DATABASE `shapes odd-name; `` "ü"` CHARACTER SET utf16;
CREATE DATABASE `shapes 日本 имя`;
USE shapes_one;

CREATE TABLE numbers (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  a TINYINT, b TINYINT UNSIGNED ZEROFILL, c SMALLINT, d MEDIUMINT, e INT, f BIGINT, g BIT(64), h BOOLEAN,
  i DECIMAL(65, 30), j FLOAT, k DOUBLE, l FLOAT UNSIGNED, m YEAR) AUTO_INCREMENT = 4611686018427387904;
INSERT INTO numbers (a, b, c, d, e, f, g, h, i, j, k, l, m) VALUES
  (-128, 255, -32768, 8388607, -2147483648, -9223372036854775808, b'1000000000000000000000000000000000000000000000000000000000000001', TRUE,
   99999999999999999999999999999999999.999999999999999999999999999999, 16777216, 1.7976931348623157e308, 0.1, 2155),
  (0, 0, 0, 0, 0, 0, 0, FALSE, 0, 1.17549435e-38, 5e-324, 3.402823466e38, 1901),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0e0, NULL, NULL);

-- the digits of a FLOAT that a text does not hold, in a table without a key
CREATE TABLE floats (f FLOAT, d DOUBLE, t VARCHAR(20));
INSERT INTO floats VALUES (16777216, 0.1 + 0.2e0, 'a'), (0.1, 1 / 3e0, 'b'), (0.1, 1 / 3e0, 'b'), (33554434, 2e0 / 3, 'c');

CREATE TABLE times (
  id INT PRIMARY KEY, a DATE, b TIME(6), c DATETIME(6), d TIMESTAMP(6) NULL, e TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
INSERT INTO times (id, a, b, c, d) VALUES
  (1, '1000-01-01', '-838:59:59.000000', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07.499999'), (2, NULL, '00:00:00.000001', '1000-01-01 00:00:00', NULL);
SET SESSION sql_mode = '';
INSERT INTO times (id, a, c) VALUES (3, '0000-00-00', '0000-00-00 00:00:00');
SET SESSION sql_mode = DEFAULT;

CREATE TABLE texts (
  id INT PRIMARY KEY, a CHAR(255), b VARCHAR(4000), c BINARY(16), d VARBINARY(255), e TINYTEXT, f TEXT, g MEDIUMTEXT, h LONGTEXT,
  i TINYBLOB, j BLOB, k MEDIUMBLOB, l LONGBLOB, m ENUM('', 'a,b', 'it''s', 'ü'), n SET('a', 'b', 'ü'),
  o VARCHAR(100) CHARACTER SET latin1, p VARCHAR(100) CHARACTER SET utf16, q VARCHAR(100) CHARACTER SET utf32, r VARCHAR(100) CHARACTER SET sjis,
  s VARCHAR(100) COLLATE utf8mb4_0900_as_cs, t VARCHAR(100) CHARACTER SET binary, u VARCHAR(100) CHARACTER SET utf8mb3);
INSERT INTO texts VALUES
  (1, 'ende ', '日本語 😀 \0 \n \t \\ '' "', X'00FF00FF00FF00FF00FF00FF00FF00FF', X'000102FF', '', 'text', 'text', REPEAT('ü', 100000),
   X'00', X'0A0D1A', '', X'FFFE', 'it''s', 'a,ü', 'Größe', '日本', '😀', 'ソ', 'a', X'FF00', 'ü'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE large (id INT PRIMARY KEY, value LONGBLOB);
INSERT INTO large SELECT 1, REPEAT(SHA2(RAND(), 512), 40 * 1024 * 1024 / 128);

CREATE TABLE modern (
  id INT PRIMARY KEY, v VECTOR(3), j JSON, g GEOMETRY SRID 4326, p POINT NOT NULL SRID 0, l LINESTRING, o POLYGON, m MULTIPOINT,
  q MULTILINESTRING, r MULTIPOLYGON, s GEOMETRYCOLLECTION, hidden INT DEFAULT 7 INVISIBLE, twice INT AS (id * 2) STORED, thrice INT AS (id * 3) VIRTUAL,
  made VARCHAR(36) DEFAULT (UUID()), SPATIAL INDEX (p), INDEX ((CAST(j ->> '$.a' AS UNSIGNED))), CHECK (id > 0));
INSERT INTO modern (id, v, j, g, p, l, o, m, q, r, s) VALUES
  (1, STRING_TO_VECTOR('[1.1, -2.2, 3.3e-30]'), '{"a": 1, "b": [1.5e300, null, "ü😀"], "c": {"": true}}', ST_GeomFromText('POINT(52.5 13.4)', 4326),
   POINT(1, 2), ST_GeomFromText('LINESTRING(0 0, 1 1)'), ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))'), ST_GeomFromText('MULTIPOINT(0 0, 1 1)'),
   ST_GeomFromText('MULTILINESTRING((0 0, 1 1), (2 2, 3 3))'), ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')),
  (2, NULL, 'null', NULL, POINT(0, 0), NULL, NULL, NULL, NULL, NULL, NULL);
-- changes a part of a document, which binary logs hold as a part
UPDATE modern SET j = JSON_SET(j, '$.d', CAST(1.1 AS DECIMAL(30, 20)), '$.e', CAST('2026-01-31 10:00:00.123456' AS DATETIME(6))) WHERE id = 1;

CREATE TABLE parts (id INT, day DATE, text VARCHAR(20), PRIMARY KEY (id, day)) PARTITION BY RANGE COLUMNS (day)
  SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION old VALUES LESS THAN ('2020-01-01'), PARTITION now VALUES LESS THAN (MAXVALUE));
INSERT INTO parts VALUES (1, '2019-01-01', 'old'), (2, '2026-01-01', 'now');
CREATE TABLE listed (id INT PRIMARY KEY) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3));
INSERT INTO listed VALUES (1), (3);

CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(20) UNIQUE);
CREATE TABLE children (id INT PRIMARY KEY, parent INT, name VARCHAR(20),
  FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY (name) REFERENCES parents (name) ON DELETE SET NULL);
CREATE TABLE selves (id INT PRIMARY KEY, before_me INT, FOREIGN KEY (before_me) REFERENCES selves (id));
INSERT INTO parents VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO children VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three');
INSERT INTO selves VALUES (1, NULL), (2, 1), (3, 2);
DELETE FROM parents WHERE id = 3;
UPDATE parents SET id = 20 WHERE id = 2;

CREATE TABLE packed (id INT PRIMARY KEY, text TEXT, FULLTEXT (text)) ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 4;
CREATE TABLE squeezed (id INT PRIMARY KEY, text LONGTEXT) COMPRESSION = 'zlib';
CREATE TABLE old_row (id INT PRIMARY KEY, text TEXT) ROW_FORMAT = REDUNDANT;
INSERT INTO packed VALUES (1, REPEAT('words and more words ', 500));
INSERT INTO squeezed VALUES (1, REPEAT('words and more words ', 5000));
INSERT INTO old_row VALUES (1, REPEAT('x', 9000));
CREATE TABLE empty_one (id INT PRIMARY KEY, text TEXT);
CREATE TABLE `select` (`from` INT PRIMARY KEY, ` a` INT, `b.c` INT, `d``e` INT, `ü😀` INT);
INSERT INTO `select` VALUES (1, 2, 3, 4, 5);
CREATE TABLE seen (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(50)) COMMENT = 'it''s; a "comment" -- with everything';

CREATE USER 'shapes definer'@'localhost' IDENTIFIED BY 'gone-soon-1A!';
GRANT ALL ON shapes_one.* TO 'shapes definer'@'localhost';
CREATE DEFINER = 'shapes definer'@'localhost' SQL SECURITY DEFINER VIEW orphaned AS SELECT id, name FROM parents;
CREATE SQL SECURITY INVOKER VIEW nested AS SELECT COUNT(*) AS n FROM orphaned;
CREATE VIEW broken AS SELECT id FROM empty_one;
CREATE DEFINER = 'shapes definer'@'localhost' TRIGGER children_seen AFTER INSERT ON children FOR EACH ROW INSERT INTO seen (what) VALUES (NEW.name);
CREATE TRIGGER parents_seen AFTER INSERT ON parents FOR EACH ROW INSERT INTO seen (what) VALUES (NEW.name);
CREATE TRIGGER parents_seen_too AFTER INSERT ON parents FOR EACH ROW FOLLOWS parents_seen INSERT INTO seen (what) VALUES (CONCAT('also ', NEW.name));
CREATE FUNCTION doubled(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE FUNCTION guessed() RETURNS DOUBLE NOT DETERMINISTIC NO SQL RETURN RAND();
CREATE PROCEDURE counted(OUT n INT) SQL SECURITY INVOKER SELECT COUNT(*) INTO n FROM parents;
-- what mysqlbinlog prints of transactions, in a statement
CREATE PROCEDURE printed() COMMENT '
# at 4
# original_commit_timestamp=5 (1970-01-01 00:00:00.000005 UTC)
SET @@SESSION.GTID_NEXT= ''aaaaaaaa-0000-11f1-0000-000000000001:7''
#260101  0:00:00 server id 1  end_log_pos 127 	Previous-GTIDs
# bbbbbbbb-0000-11f1-0000-000000000001:1-9
# at 99
' SELECT 1;
CREATE EVENT later ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01 00:00:00' DO INSERT INTO seen (what) VALUES ('event');
CREATE EVENT never ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'off' DO SELECT 1;
INSERT INTO floats SELECT guessed(), guessed(), 'random';

USE shapes_latin;
CREATE TABLE words (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(50), KEY (word));
INSERT INTO words (word) VALUES ('Straße'), ('Café'), ('');
CREATE TABLE heap (id INT PRIMARY KEY) ENGINE = MEMORY;
CREATE TEMPORARY TABLE passing (id INT PRIMARY KEY);
INSERT INTO passing VALUES (1);
USE `shapes odd-name; `` "ü"`;
CREATE TABLE `table; DROP ``x`` "ü" %s $1` (`key` VARCHAR(50) PRIMARY KEY);
INSERT INTO `table; DROP ``x`` "ü" %s $1` VALUES ('日本'), ('a''b"c\\d');
USE `shapes 日本 имя`;
CREATE TABLE `表	with a tab
and a line` (`ключ` INT PRIMARY KEY, `значение` FLOAT);
INSERT INTO `表	with a tab
and a line` VALUES (1, 16777216), (2, 0.1);
CREATE EVENT `событие` ON SCHEDULE EVERY 1 DAY DISABLE DO SET @a = '日本';

CREATE ROLE 'shapes_reader', 'shapes writer'@'%';
GRANT SELECT ON shapes_one.* TO 'shapes_reader';
GRANT 'shapes_reader' TO 'shapes writer'@'%' WITH ADMIN OPTION;
GRANT INSERT, UPDATE (name) ON shapes_one.parents TO 'shapes writer'@'%';
CREATE USER 'shapes_user'@'10.%' IDENTIFIED BY 'it''s-"odd"\\-1A!' DEFAULT ROLE 'shapes_reader' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE INTERVAL 90 DAY
  ACCOUNT LOCK COMMENT 'a "user"';
GRANT 'shapes writer'@'%' TO 'shapes_user'@'10.%';
DROP USER 'shapes definer'@'localhost';
DROP TABLE shapes_one.empty_one;
CREATE TABLE shapes_one.empty_one (other INT);
