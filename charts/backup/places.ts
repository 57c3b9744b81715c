/** Where the pods of the backup tier find and keep things, inside their containers. */
export const places = {
  conf: '/etc/threewall',
  users: '/run/secrets/database-users',
  /** Certificates of the databases: the CA for those that ask them, certificate and key for a restored server. */
  tls: '/run/secrets/database-tls',
  secret: '/run/secrets/backup',
  store: '/var/lib/backups',
  /** Scratch volume, shared by the containers of a pod. */
  work: '/work',
  /** Memory-backed: what holds a password. */
  run: '/run/backup',
} as const;
