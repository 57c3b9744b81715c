/** Where every pod mounts its configuration and scripts. */
export const CONF_PATH = '/etc/threewall';
