import { TLS_PATH, USERS_PATH } from '../database/layout';
import { CONF_PATH } from '../paths';

/** Where the pods of the backup tier find and keep things, inside their containers. */
export const places = {
  conf: CONF_PATH,
  users: USERS_PATH,
  /** Certificates of the databases: the CA for those that ask them, certificate and key for a restored server. */
  tls: TLS_PATH,
  secret: '/run/secrets/backup',
  store: '/var/lib/backups',
  /** The app's volumes, by their names. Snapshots contain these paths. */
  volumes: '/volumes',
  /** Folder of a volume in which restores keep things. */
  kept: '.threewall',
  /** Scratch volume, shared by the containers of a pod. */
  work: '/work',
  /** Memory-backed: what holds a password. */
  run: '/run/backup',
} as const;

/** Exit code of a script when what was asked for, or a key, is wrong: `EX_USAGE` of sysexits.h, which no shell uses itself. */
export const REFUSED = 64;
