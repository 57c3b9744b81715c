import * as z from 'zod';
import { nearest } from './nearest';

/** What a setting may be: its value in my.cnf, or what is allowed instead. */
type Check = (value: unknown) => { readonly text: string } | { readonly allowed: string };

const flag: Check = (value) =>
  typeof value === 'boolean' ? { text: value ? 'ON' : 'OFF' } : { allowed: 'true or false' };

const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? { text: String(value) }
      : { allowed: `a whole number, ${least} to ${most}` };

const number =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most
      ? { text: String(value) }
      : { allowed: `a number, ${least} to ${most}` };

const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(String(value)) ? { text: String(value) } : { allowed: `one of ${values.join(', ')}` };

const matching =
  (pattern: RegExp, allowed: string): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? { text: value } : { allowed };

/** Modes that change what `"` and `\` mean are left out: the scripts of the databases and their passwords rely on both. */
const MODES = [
  'ALLOW_INVALID_DATES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'HIGH_NOT_PRECEDENCE',
  'IGNORE_SPACE',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_UNSIGNED_SUBTRACTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
  'PAD_CHAR_TO_FULL_LENGTH',
  'PIPES_AS_CONCAT',
  'REAL_AS_FLOAT',
  'STRICT_ALL_TABLES',
  'STRICT_TRANS_TABLES',
  'TIME_TRUNCATE_FRACTIONAL',
  'TRADITIONAL',
];

const sqlMode: Check = (value) =>
  typeof value === 'string' && (value === '' || value.split(',').every((mode) => MODES.includes(mode)))
    ? { text: `"${value}"` }
    : {
        allowed: `"" or some of ${MODES.join(',')} (ANSI_QUOTES and NO_BACKSLASH_ESCAPES would break the databases' own statements; a session may still set them)`,
      };

/**
 * Variables of MySQL that an environment may set, each with what it may be. None of them has a part in replication,
 * durability, access, or in what the memory limit is shared out for.
 * @see https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html
 */
const ALLOWED: Readonly<Record<string, Check>> = {
  binlog_row_metadata: oneOf('MINIMAL', 'FULL'),
  connect_timeout: whole(2, 300),
  cte_max_recursion_depth: whole(0, 4294967295),
  // named zones are loaded by a server that runs already
  default_time_zone: matching(/^[+-](0\d|1[0-3]):[0-5]\d$/, 'an offset like "+01:00"; a session may set a named zone'),
  default_week_format: whole(0, 7),
  div_precision_increment: whole(0, 30),
  eq_range_index_dive_limit: whole(0, 4294967295),
  event_scheduler: flag,
  explicit_defaults_for_timestamp: flag,
  ft_min_word_len: whole(1, 84),
  group_concat_max_len: whole(4, 1073741824),
  information_schema_stats_expiry: whole(0, 31536000),
  innodb_adaptive_hash_index: flag,
  innodb_autoinc_lock_mode: whole(0, 2),
  innodb_deadlock_detect: flag,
  innodb_ft_enable_stopword: flag,
  innodb_ft_max_token_size: whole(10, 84),
  innodb_ft_min_token_size: whole(0, 16),
  innodb_io_capacity: whole(100, 100000),
  innodb_io_capacity_max: whole(100, 200000),
  innodb_lock_wait_timeout: whole(1, 1073741824),
  innodb_online_alter_log_max_size: whole(65536, 17179869184),
  innodb_print_all_deadlocks: flag,
  innodb_rollback_on_timeout: flag,
  innodb_stats_persistent_sample_pages: whole(1, 100000),
  innodb_strict_mode: flag,
  interactive_timeout: whole(60, 31536000),
  join_buffer_size: whole(128, 4194304),
  lc_time_names: matching(/^[a-z]{2,3}_[A-Z]{2}$/, 'a locale like "de_DE"'),
  lock_wait_timeout: whole(1, 31536000),
  long_query_time: number(0, 86400),
  max_allowed_packet: (value) =>
    Number.isInteger(value) && Number(value) % 1024 === 0
      ? whole(1048576, 1073741824)(value)
      : { allowed: 'a multiple of 1024, 1048576 to 1073741824' },
  max_connect_errors: whole(1, 4294967295),
  max_execution_time: whole(0, 4294967295),
  max_sp_recursion_depth: whole(0, 255),
  net_read_timeout: whole(5, 31536000),
  net_write_timeout: whole(5, 31536000),
  ngram_token_size: whole(1, 10),
  optimizer_search_depth: whole(0, 62),
  optimizer_switch: matching(
    /^[a-z_]+=(on|off|default)(,[a-z_]+=(on|off|default))*$/,
    'switches like "mrr=off,index_merge=on"',
  ),
  regexp_stack_limit: whole(0, 134217728),
  regexp_time_limit: whole(0, 2147483647),
  sort_buffer_size: whole(32768, 4194304),
  sql_generate_invisible_primary_key: flag,
  sql_mode: sqlMode,
  sql_require_primary_key: flag,
  transaction_isolation: oneOf('READ-UNCOMMITTED', 'READ-COMMITTED', 'REPEATABLE-READ'),
  updatable_views_with_limit: flag,
  wait_timeout: whole(60, 31536000),
  windowing_use_high_precision: flag,
};

const DURABLE = 'nothing acknowledged may be lost with a server';
const REPLICATED = 'replication by GTID relies on the value that is set for it';
const ROLES = 'the scripts give a server its role, and take it';
const SIZES = 'it follows from database.resources.limits.memory and database.storage.size';
const PLACES = 'probes, scripts and firewalls rely on it';
const ACCESS = 'it decides who gets in, and what is seen of what people write';

/** Variables that must stay as they are, and why. The first that fits counts. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^log_bin_trust_function_creators$/, 'it is always ON'],
  [
    /^(sync_binlog|sync_relay_log|innodb_flush_.*|innodb_doublewrite.*|innodb_force_recovery|innodb_fast_shutdown|innodb_redo_log_(archive.*|encrypt)|innodb_log_(checksums|files.*|file_.*)|relay_log_.*|skip_innodb.*)$/,
    DURABLE,
  ],
  [/^group_replication_/, 'database.topology, members and mode decide about the group'],
  [
    /^(gtid_.*|enforce_gtid_.*|log_bin.*|sql_log_bin|binlog_.*|max_binlog_.*|log_replica_.*|log_slave_.*|server_(id|uuid).*|replica_.*|slave_.*|relay_.*|max_relay_.*|rpl_.*|source_.*|master_.*|replicate_.*|skip_(replica|slave)_start|report_.*|auto_increment_.*|plugin_.*|early_plugin.*|clone_.*|transaction_write_.*)$/,
    REPLICATED,
  ],
  [/^(super_read_only|read_only|offline_mode|init_.*|autocommit|completion_type)$/, ROLES],
  [
    /^(default_storage_engine|default_tmp_storage_engine|disabled_storage_engines|myisam.*)$/,
    'replicas and clones get what is in InnoDB alone',
  ],
  [/^(character_set_.*|collation_.*|default_collation_.*)$/, 'database.collation decides about it'],
  [/^lower_case_table_names$/, 'it can only be chosen when a volume is made, and a replica with another value breaks'],
  [
    /^(innodb_buffer_pool_.*|innodb_redo_log_capacity|innodb_log_.*|max_connections|max_user_connections|temptable_.*|tmp_table_size|max_heap_table_size|key_buffer_size|performance_schema.*|table_(open|definition)_cache.*|thread_.*|open_files_limit|container_aware|innodb_numa_.*)$/,
    SIZES,
  ],
  [
    /^(datadir|basedir|tmpdir|socket|pid_file|port|bind_address|user|chroot|.*_dir|.*_path|.*_directory|admin_.*|mysqlx.*|log_error.*|innodb_undo_.*|innodb_temp_.*|innodb_data_.*|skip_networking|back_log)$/,
    PLACES,
  ],
  [
    /^(ssl_.*|tls_.*|require_secure_.*|auto_generate_certs|caching_sha2_.*|sha256_.*|local_infile|secure_file_priv|skip_(name|grant|show).*|authentication_.*|default_authentication.*|default_password.*|mandatory_roles|partial_revokes|password_.*|disconnect_on_.*|validate_password.*|activate_all_roles.*|general_log.*|slow_query_log.*|log_.*|check_proxy_.*)$/,
    ACCESS,
  ],
];

/** Why a variable may not be set, for people. */
function refusal(name: string): string {
  const plain = name.toLowerCase().replaceAll('-', '_');
  const [, reason] = REFUSED.find(([pattern]) => pattern.test(plain)) ?? [];
  if (reason) return `must be left out: ${reason}`;
  const near = nearest(plain, Object.keys(ALLOWED));
  return `is not among the variables of MySQL that may be set${near ? `, did you mean "${near}"?` : ` (${Object.keys(ALLOWED).join(', ')})`}`;
}

/** `database.settings`: variables of MySQL, checked by name and value. */
export const databaseSettings = z
  .record(z.string(), z.union([z.boolean(), z.number(), z.string()]))
  .superRefine((settings, context) => {
    for (const [name, value] of Object.entries(settings)) {
      const checked = Object.hasOwn(ALLOWED, name) ? ALLOWED[name]?.(value) : undefined;
      if (checked === undefined) context.addIssue({ code: 'custom', path: [name], message: refusal(name) });
      else if ('allowed' in checked) {
        context.addIssue({ code: 'custom', path: [name], message: `must be ${checked.allowed}` });
      }
    }
  })
  .default({})
  .describe(
    "variables of MySQL by name, like `sql_mode: ''`; those that replication, durability, access or sizes rely on are refused with the reason",
  );

/** `database.name`: the app's schema. */
export const databaseName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,47}$/, {
    error: 'must be a name of small letters, digits, _ and -, at most 48, like "shop"',
  })
  .refine((name) => !['mysql', 'sys', 'information_schema', 'performance_schema'].includes(name), {
    error: "must not be one of MySQL's own schemas",
  })
  .default('site')
  .describe("name of the app's schema; fixed when the volumes are made");

/** Lines of a my.cnf, in the order of their names. @param settings as validated */
export const settingsCnf = (settings: Readonly<Record<string, unknown>>): string =>
  Object.keys(settings)
    .sort()
    .map((name) => {
      const checked = ALLOWED[name]?.(settings[name]);
      if (!checked || 'allowed' in checked) throw new Error(`database.settings.${name} was not validated`);
      return `${name} = ${checked.text}\n`;
    })
    .join('');
