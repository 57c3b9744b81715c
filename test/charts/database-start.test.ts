import { configOf } from '../support/configs';
import { Room } from '../support/database-room';
import { withProgram } from '../support/programs';

const SERVERS = {
  // initialises; serves until it is ended; becomes the server
  mysqld: `case "$*" in
    *--initialize-insecure*) mkdir -p volume/blank ;;
    *blank.sock*) cp run/init.sql blank.sql; trap 'exit 0' TERM; while :; do read -rt 0.1 _ <> <(:); done ;;
    *) cp run/init.sql first.sql ;;
  esac`,
  mysqladmin: 'for _ in {1..100}; do if [[ -e blank.sql ]]; then exit; fi; read -rt 0.1 _ <> <(:); done; exit 1',
  // what every other database says of itself
  mysql: 'cat >/dev/null; echo blank',
};

withProgram(['bash', 'sed'], () => {
  test('a blank server has no account that a replica or a backup could follow it with; the server that comes of it has all', async () => {
    const room = new Room(configOf({}), 0);
    try {
      for (const [name, body] of Object.entries(SERVERS)) room.program(name, body);
      const { status, stderr } = await room.script('start.sh');
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('every database is blank') });
      const named = (file: string) => [...new Set(room.read(file).match(/'\w+'@'[^']+'/g))].sort();
      expect(named('blank.sql')).toEqual(["'monitoring'@'%'", "'root'@'localhost'"]);
      expect(room.read('blank.sql')).toMatch(
        /^SET SESSION sql_log_bin = 0;\n[\s\S]*\nSET GLOBAL super_read_only = ON;\n$/,
      );
      expect(named('first.sql')).toEqual([
        ...["'app'@'%'", "'backup'@'%'", "'monitoring'@'%'"],
        ...["'replication'@'%'", "'root'@'localhost'"],
      ]);
    } finally {
      room.remove();
    }
  });
});
