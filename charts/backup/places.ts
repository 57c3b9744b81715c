/** Where the pods of the backup tier find and keep things, inside their containers. */
export const places = {
  conf: '/etc/threewall',
  users: '/run/secrets/database-users',
  ca: '/run/secrets/database-ca/ca.crt',
  secret: '/run/secrets/backup',
  store: '/var/lib/backups',
  /** What the containers of a pod share. */
  work: '/work',
  /** Memory-backed: what holds a password. */
  run: '/run/backup',
} as const;
