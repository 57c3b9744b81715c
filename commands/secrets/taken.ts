import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { namespaceOf, selectorOf } from '../../charts/names';
import type { Config } from '../../config';
import { ClusterError, kubectl, list } from '../cluster/kubectl';
import { packageRoot } from '../version';
import type { Found } from './wanted';

const POLL_MS = 3000;
/** The kubelet takes up to two minutes to update a mounted Secret, a server looks every 15 s. */
const DEADLINE_MS = 240_000;
const SCRIPT = readFileSync(join(packageRoot, 'commands/secrets/opens.sh'), 'utf8');

/** Whether the server in a pod accepts the password of an account. */
async function opens(pod: string, namespace: string, account: string, password: string): Promise<boolean> {
  const args = ['exec', '-i', pod, '-n', namespace, '-c', 'database', '--', 'bash', '-c', SCRIPT];
  const input = `${account} ${Buffer.from(password).toString('base64')}\n`;
  return (await kubectl(args, { input })).trim() === 'yes';
}

/**
 * Waits until every running database accepts the new passwords.
 * @param passwords by account
 * @throws ClusterError naming the server that does not
 */
export async function waitUntilTaken(config: Config, passwords: Found): Promise<void> {
  const namespace = namespaceOf('database', config);
  const pods = await list<{ metadata: { name: string } }>('pods', namespace, selectorOf('database', config), [
    '--field-selector=status.phase=Running',
  ]);
  const deadline = Date.now() + DEADLINE_MS;
  for (const { metadata } of pods) {
    for (const [account, password] of Object.entries(passwords)) {
      // a server that restarts cannot be asked
      while (!(await opens(metadata.name, namespace, account, password).catch(() => false))) {
        if (Date.now() > deadline) {
          throw new ClusterError(
            `${metadata.name} has not taken the new password of ${account} within ${DEADLINE_MS / 1000} s; see \`kubectl logs ${metadata.name} -n ${namespace} -c database\``,
          );
        }
        await sleep(POLL_MS);
      }
    }
  }
}
