# What a dump says and MySQL 9.7, or an account without rights on the whole server, does not take.

# A file of Windows, by its first line: the client would know no DELIMITER. Elsewhere a carriage return belongs to a routine
1{
  /\r$/{
    h
    s/\r$//
  }
}
1!{
  x
  /\r$/{
    x
    s/\r$//
    x
  }
  x
}

# a partition's engine is that of its table; the first one's line begins with a parenthesis, as rows do
/^[( ]*\(SUB\)\?PARTITION /{
  s/ENGINE *= *\(MyISAM\|Aria\|MEMORY\|HEAP\|ARCHIVE\|CSV\|RocksDB\|TokuDB\)\b/ENGINE = InnoDB/I
  s/ \(DATA\|INDEX\) DIRECTORY *= *'[^']*'//gI
}

# Values are left alone: mysqldump begins a line of them with INSERT, others with a parenthesis, and none breaks a line inside of a value
/^INSERT /b
/^REPLACE /b
/^[ \t]*(/b

# the database is chosen here, whatever it was called there
/^\(CREATE\|DROP\) \(DATABASE\|SCHEMA\) /d
/^USE `/d
/^\/\*!40000 DROP DATABASE /d
s/^ALTER DATABASE `[^`]*` /ALTER DATABASE /

# positions and logs of the other server
/^SET @@GLOBAL.GTID_PURGED/{
  :purged
  /;\r\?$/d
  N
  b purged
}
/^SET .*SQL_LOG_BIN/d
/^SET GLOBAL /d
/^CHANGE MASTER TO /d
/^CHANGE REPLICATION SOURCE TO /d

# its sandbox line is no comment for other clients: https://mariadb.org/mariadb-dump-file-compatibility-change/
/^\/\*M!999999/d
# locks keep readers of replicas and members of a group waiting
/^LOCK TABLES /d
/^UNLOCK TABLES;/d

# who creates an object is its definer: the app's account, whose rights end at its database
s/DEFINER *= *`\([^`]\|``\)*`@`[^`]*`//g
s/DEFINER *= *'[^']*'@'[^']*'//g

# modes of earlier versions, and of MariaDB
/sql_mode/I{
  s/\b\(NO_AUTO_CREATE_USER\|DB2\|MAXDB\|MSSQL\|MYSQL323\|MYSQL40\|ORACLE\|POSTGRESQL\|NO_FIELD_OPTIONS\|NO_KEY_OPTIONS\|NO_TABLE_OPTIONS\)\b,\?//g
  s/\b\(IGNORE_BAD_TABLE_OPTIONS\|EMPTY_STRING_IS_NULL\|SIMULTANEOUS_ASSIGNMENT\|TIME_ROUND_FRACTIONAL\)\b,\?//g
  s/,'/'/g
}

# collations of MariaDB that have one of the same rules here
s/\butf8mb4_uca1400_\(nopad_\)\?\(ai_ci\|as_ci\|as_cs\)\b/utf8mb4_0900_\2/g
s/\butf8mb3_uca1400_\(nopad_\)\?ai_ci\b/utf8mb3_unicode_520_ci/g
s/\butf8mb4_nopad_bin\b/utf8mb4_0900_bin/g
s/\b\(utf8mb[34]\|latin1\|ascii\)\(_[a-z0-9_]\+\)\?_nopad_\(ci\|bin\)\b/\1\2_\3/g

# MariaDB writes no parentheses around a function as a default, nor around one of a TEXT; what stands after a quote may be text
/^ *`/{
  s/^\([^']*\) DEFAULT \([a-z][a-z0-9_]*([^()]*\(([^()]*)[^()]*\)*)\)/\1 DEFAULT (\2)/
  s/^\([^']*\) DEFAULT (\(current_timestamp([0-9]*)\))/\1 DEFAULT \2/
  s/^\( *`\([^`]\|``\)*` \(tiny\|medium\|long\)\?\(text\|blob\)[A-Za-z0-9_ ]*\) DEFAULT \('\([^'\\]\|\\.\|''\)*'\)/\1 DEFAULT (\5)/
}
/^ *\(UNIQUE \|FULLTEXT \|SPATIAL \)\?KEY /s/^\([^']*\) IGNORED\b/\1 INVISIBLE/

# a table's options: replicas and clones have InnoDB alone
/^)/{
  s/ENGINE *= *\(MyISAM\|Aria\|MEMORY\|HEAP\|ARCHIVE\|CSV\|RocksDB\|TokuDB\)\b/ENGINE=InnoDB/I
  s/ ROW_FORMAT=\(FIXED\|PAGE\)\b//I
  s/ PAGE_CHECKSUM=[01]//I
  s/ TRANSACTIONAL=[01]//I
  s/ `\?\(PAGE_COMPRESSED\|PAGE_COMPRESSION_LEVEL\|ENCRYPTED\|ENCRYPTION_KEY_ID\)`\?=\('[^']*'\|[A-Z0-9]*\)//gI
  s/ \(DATA\|INDEX\) DIRECTORY *= *'[^']*'//gI
  s/ENCRYPTION='Y'/ENCRYPTION='N'/I
}
