import { config, kubectl } from './kubectl';

/**
 * When a web or app server answered its visitors, as its own log tells: probes are not in it.
 * @param more further arguments of `kubectl logs`
 * @returns milliseconds since 1970, oldest first; a web server's are whole seconds
 */
export async function visits(pod: string, ...more: readonly string[]): Promise<number[]> {
  const text = await kubectl(['logs', pod, '-n', config.name, ...more]);
  return text.split('\n').flatMap((line) => {
    const entry = parsed(line);
    return entry?.method && entry.time ? [Date.parse(entry.time)] : [];
  });
}

/** A log has lines that are no JSON, and one that the reading cut off. */
function parsed(line: string): { time?: string; method?: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
