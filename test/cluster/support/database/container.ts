import { VOLUME_PATH } from '../../../../charts/database/layout';
import { kubectl } from '../kubectl';
import { NAMESPACE } from './places';

/** Runs a shell in the container of a server. */
export const inside = (pod: string, script: string, seconds = 60): Promise<string> =>
  kubectl(['exec', pod, '-n', NAMESPACE, '-c', 'database', '--', 'bash', '-c', script], { seconds });

/** Size and free space of a server's volume, in bytes. */
export async function volume(pod: string): Promise<{ size: number; free: number }> {
  const text = await inside(pod, `df -B1 --output=size,avail ${VOLUME_PATH} | tail -1`);
  const [size = 0, free = 0] = text.trim().split(/\s+/).map(Number);
  return { size, free };
}

/** What a server's container used of its memory at most, in bytes, and what must not happen. */
export interface Memory {
  readonly anonymous: number;
  readonly swap: number;
  readonly killed: number;
}

// both versions of control groups; the second one's files lie at the root of the mount
const LOOK = `cd /sys/fs/cgroup; if [[ -e memory.current ]]; then
  echo $(awk '$1=="anon"{print $2}' memory.stat) $(cat memory.swap.current 2>/dev/null || echo 0) $(awk '$1=="oom_kill"{print $2}' memory.events)
else cd memory
  echo $(awk '$1=="total_rss"{print $2}' memory.stat) $(awk '$1=="total_swap"{print $2}' memory.stat) $(awk '$1=="oom_kill"{print $2}' memory.oom_control)
fi`;

/** Looks at a server's memory once a second for so long. */
export async function memory(pod: string, seconds: number): Promise<Memory> {
  const text = await inside(pod, `for ((i = 0; i < ${seconds}; i++)); do ${LOOK}; sleep 1; done`, seconds + 60);
  const looks = text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const most = (column: number): number => Math.max(...looks.map((look) => look[column] || 0));
  return { anonymous: most(0), swap: most(1), killed: most(2) };
}
