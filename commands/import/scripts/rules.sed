# What a dump says and MySQL 9.7, or an account without rights on the whole server, does not take. Values are left alone: mysqldump begins
# a line of them with INSERT, mariadb-dump with a parenthesis, and neither breaks a line inside of a value.
/^INSERT /b
/^REPLACE /b
/^(/b

# the database is chosen here, whatever it was called there
/^CREATE DATABASE /d
/^USE `/d
/^\/\*!40000 DROP DATABASE /d
s/^ALTER DATABASE `[^`]*` /ALTER DATABASE /

# positions and logs of the other server
/^SET @@GLOBAL.GTID_PURGED/,/;$/d
/SQL_LOG_BIN/d
/^SET GLOBAL /d
/^CHANGE MASTER TO /d
/^CHANGE REPLICATION SOURCE TO /d

# its sandbox line is no comment for other clients: https://mariadb.org/mariadb-dump-file-compatibility-change/
/^\/\*M!999999/d
# locks keep readers of replicas and members of a group waiting
/^LOCK TABLES /d
/^UNLOCK TABLES;/d

# who creates an object is its definer: the app's account, whose rights end at its database
s/DEFINER *= *`[^`]*`@`[^`]*`//g
s/DEFINER *= *'[^']*'@'[^']*'//g

# modes of earlier versions, and of MariaDB
/sql_mode/I{
  s/\b\(NO_AUTO_CREATE_USER\|DB2\|MAXDB\|MSSQL\|MYSQL323\|MYSQL40\|ORACLE\|POSTGRESQL\|NO_FIELD_OPTIONS\|NO_KEY_OPTIONS\|NO_TABLE_OPTIONS\)\b,\?//g
  s/\b\(IGNORE_BAD_TABLE_OPTIONS\|EMPTY_STRING_IS_NULL\|SIMULTANEOUS_ASSIGNMENT\|TIME_ROUND_FRACTIONAL\)\b,\?//g
  s/,'/'/g
}

# collations of MariaDB that have one of the same rules here
s/\butf8mb4_uca1400_ai_ci\b/utf8mb4_0900_ai_ci/g
s/\butf8mb4_uca1400_as_ci\b/utf8mb4_0900_as_ci/g
s/\butf8mb4_uca1400_as_cs\b/utf8mb4_0900_as_cs/g
s/\butf8mb4_general_nopad_ci\b/utf8mb4_general_ci/g
s/\butf8mb4_unicode_nopad_ci\b/utf8mb4_unicode_ci/g
s/\butf8mb4_nopad_bin\b/utf8mb4_0900_bin/g

# a table's options: replicas and clones have InnoDB alone
/^)/{
  s/ENGINE *= *\(MyISAM\|Aria\|MEMORY\|HEAP\|ARCHIVE\|CSV\|RocksDB\|TokuDB\)\b/ENGINE=InnoDB/I
  s/ ROW_FORMAT=\(FIXED\|PAGE\)\b//I
  s/ PAGE_CHECKSUM=[01]//I
  s/ TRANSACTIONAL=[01]//I
  s/ \(DATA\|INDEX\) DIRECTORY *= *'[^']*'//gI
  s/ENCRYPTION='Y'/ENCRYPTION='N'/I
}
