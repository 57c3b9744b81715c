import { spawnSync } from 'node:child_process';
import { withProgram } from '../support/programs';

/** What reaches the databases of a dump. */
const loaded = (text: string): string =>
  spawnSync('sed', ['-f', 'commands/import/scripts/rules.sed'], {
    input: text,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  }).stdout;

// its flags are those of GNU
withProgram('sed', () => {
  test.each([
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `x`',
      '/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER `x`',
    ],
    ["CREATE DEFINER='a'@'%' PROCEDURE `p`()", 'CREATE  PROCEDURE `p`()'],
    ['/*!50013 DEFINER=`a`@`10.%` SQL SECURITY DEFINER */', '/*!50013  SQL SECURITY DEFINER */'],
    [
      'ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;',
      'ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci ;',
    ],
    ["/*!50003 SET sql_mode = 'NO_AUTO_CREATE_USER' */ ;", "/*!50003 SET sql_mode = '' */ ;"],
    [
      "/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;",
      "/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;",
    ],
    ["/*!50003 SET sql_mode = 'ANSI,NO_AUTO_CREATE_USER' */ ;", "/*!50003 SET sql_mode = 'ANSI' */ ;"],
    [') ENGINE=MyISAM DEFAULT CHARSET=latin1 ROW_FORMAT=FIXED;', ') ENGINE=InnoDB DEFAULT CHARSET=latin1;'],
    [
      ') ENGINE=Aria DEFAULT CHARSET=latin1 PAGE_CHECKSUM=1 TRANSACTIONAL=1;',
      ') ENGINE=InnoDB DEFAULT CHARSET=latin1;',
    ],
    [") ENGINE=InnoDB DATA DIRECTORY='/x' ENCRYPTION='Y';", ") ENGINE=InnoDB ENCRYPTION='N';"],
    [') ENGINE=InnoDB COLLATE=utf8mb4_uca1400_ai_ci;', ') ENGINE=InnoDB COLLATE=utf8mb4_0900_ai_ci;'],
    [') COLLATE=utf8mb4_uca1400_nopad_as_cs;', ') COLLATE=utf8mb4_0900_as_cs;'],
    [') COLLATE=utf8mb3_uca1400_ai_ci;', ') COLLATE=utf8mb3_unicode_520_ci;'],
    [') COLLATE=utf8mb4_unicode_520_nopad_ci;', ') COLLATE=utf8mb4_unicode_520_ci;'],
    [') COLLATE=latin1_nopad_bin;', ') COLLATE=latin1_bin;'],
    [') COLLATE=utf8mb4_nopad_bin;', ') COLLATE=utf8mb4_0900_bin;'],
    [") ENGINE=InnoDB `page_compressed`='1' `ENCRYPTED`=YES `ENCRYPTION_KEY_ID`=3;", ') ENGINE=InnoDB;'],
    ['(PARTITION p0 VALUES LESS THAN (1) ENGINE = MyISAM,', '(PARTITION p0 VALUES LESS THAN (1) ENGINE = InnoDB,'],
    [
      " PARTITION `p1` VALUES LESS THAN MAXVALUE DATA DIRECTORY = '/x' ENGINE = Aria) */;",
      ' PARTITION `p1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;',
    ],
    ['  `u` char(36) DEFAULT uuid(),', '  `u` char(36) DEFAULT (uuid()),'],
    [
      "  `c` int DEFAULT greatest(1,abs(-2)) COMMENT 'f(x)',",
      "  `c` int DEFAULT (greatest(1,abs(-2))) COMMENT 'f(x)',",
    ],
    [
      '  `j` longtext NOT NULL DEFAULT \'{"a":"it\'\'s"}\' CHECK (f(`j`)),',
      '  `j` longtext NOT NULL DEFAULT (\'{"a":"it\'\'s"}\') CHECK (f(`j`)),',
    ],
    ['  KEY `k` (`a`) IGNORED,', '  KEY `k` (`a`) INVISIBLE,'],
    ['CREATE DEFINER=`a``b`@`%` PROCEDURE `p`()', 'CREATE  PROCEDURE `p`()'],
  ])('%s becomes %s', (line, expected) => {
    expect(loaded(`${line}\n`)).toBe(`${expected}\n`);
  });

  test('a file of Windows becomes one with plain line ends, one whose routine alone is so stays as it is', () => {
    const dump = '\ufeff-- HeidiSQL\r\nDELIMITER //\r\nEND//\r\nDELIMITER ;\r\nINSERT INTO `t` VALUES\r\n\t(1);\r\n';
    expect(loaded(dump)).toBe(dump.replaceAll('\r', ''));
    const other = '-- MySQL dump\nBEGIN\r\nEND ;;\n';
    expect(loaded(other)).toBe(other);
  });

  test.each([
    'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 */;',
    'USE `mysql`;',
    'DROP DATABASE IF EXISTS `shop`;',
    "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5';",
    "SET @@GLOBAL.GTID_PURGED='a:1-5,\r\nb:1-3';\r",
    '/*!40000 DROP DATABASE IF EXISTS `shop`*/;',
    "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5,\nb:1-3';",
    'SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;',
    'SET @@SESSION.SQL_LOG_BIN= 0;',
    'SET GLOBAL gtid_slave_pos = 1;',
    "CHANGE MASTER TO MASTER_LOG_FILE='x';",
    '/*M!999999\\- enable the sandbox mode */ ',
    'LOCK TABLES `t` WRITE;',
    'UNLOCK TABLES;',
  ])('%s is left out', (line) => {
    expect(loaded(`SELECT 1;\n${line}\nSELECT 2;\n`)).toBe('SELECT 1;\nSELECT 2;\n');
  });

  test.each([
    "INSERT INTO `t` VALUES (1,'DEFINER=`a`@`b` ENGINE=MyISAM SQL_LOG_BIN utf8mb4_uca1400_ai_ci');",
    "(1,'LOCK TABLES DEFINER=`a`@`b`'),",
    "REPLACE INTO `t` VALUES (1,'sql_mode = NO_AUTO_CREATE_USER');",
    // as HeidiSQL and Sequel Ace begin a row
    "\t(1, 'LOCK TABLES DEFINER=`a`@`b` utf8mb4_uca1400_ai_ci SQL_LOG_BIN'),",
    '  `ts` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),',
    '  `d` datetime(6) DEFAULT current_timestamp(6),',
    '  `SQL_LOG_BIN` int DEFAULT (1 + 2),',
    "  `t` text COMMENT 'no DEFAULT',",
    "  `v` varchar(20) DEFAULT 'x DEFAULT f(1)' COMMENT ' DEFAULT uuid()',",
    "  KEY `k` (`a`) COMMENT 'is IGNORED',",
    "  `c` varchar(9) DEFAULT NULL COMMENT 'ENGINE=MyISAM',",
  ])('%s stays as it is', (line) => {
    expect(loaded(`${line}\n`)).toBe(`${line}\n`);
  });
});
