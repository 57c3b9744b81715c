import { RUN_PATH, SCHEMA } from '../../../../charts/database/layout';
import { kubectl, type Pod } from '../kubectl';
import type { Write } from './client/journal';
import { NAMESPACE } from './places';

// $1: first id, $2: seconds. Prints the times around each write that the server acknowledged.
const WRITE = `end=$((\${EPOCHREALTIME%.*} + $2)); id=$1
while ((\${EPOCHREALTIME%.*} < end)); do
  id=$((id + 1)) sent=$EPOCHREALTIME
  if echo "INSERT INTO ${SCHEMA}.database_trial (id, sent) VALUES ($id, $sent * 1000)" |
    timeout 2 mysql --defaults-file=${RUN_PATH}/root.cnf 2>/dev/null; then echo "$id $sent $EPOCHREALTIME"; fi
  sleep 0.2
done`;

const FIRST_ID = 8.5e15;

/**
 * Writes over the socket of a server that the network does not reach: the client cannot see what a cut-off primary
 * accepts. The nodes' clocks must agree closely enough to distinguish two primaries.
 * @returns what the server acknowledged within so many seconds
 */
export async function witness({ metadata }: Pod, seconds: number): Promise<Write[]> {
  const first = FIRST_ID + Number(metadata.name.replace(/\D/g, '')) * 1e6;
  const shell = ['bash', '-c', WRITE, 'bash', String(first), String(seconds)];
  const text = await kubectl(['exec', metadata.name, '-n', NAMESPACE, '-c', 'database', '--', ...shell], {
    seconds: seconds + 60,
  });
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [id = 0, sent = 0, acknowledged = 0] = line.split(' ').map(Number);
      return { id, sent: sent * 1000, acknowledged: acknowledged * 1000, server: metadata.name, direct: true };
    });
}
