import { isSigned } from './certificate-check';
import type { Found, Wanted } from './wanted';

/** Each side must trust the other side's CA: one line for a side that does not. */
export function strangers(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): string[] {
  const sides = ['appTls', 'webClientTls'] as const;
  return sides.flatMap((id, n) => {
    const other = sides[1 - n] as Wanted['id'];
    const [mine, cas] = [found.get(id)?.['tls.crt'], found.get(other)?.['ca.crt']];
    if (!mine || !cas || isSigned(mine, cas)) return [];
    const [secret, peer] = [id, other].map((one) => wanted.find((w) => w.id === one));
    return [`${secret?.namespace}/${secret?.name}: its certificate is unknown to the ca.crt of ${peer?.name}`];
  });
}
