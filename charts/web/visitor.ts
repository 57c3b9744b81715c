import type { Config } from '../../config/schema';

/** The names by which nginx.conf calls the visitor's address: as text, and as the key of a limit. */
export function visitor({ loadBalancer: { cdn } }: Config): { readonly address: string; readonly key: string } {
  return cdn ? { address: '$visitor', key: '$visitor' } : { address: '$remote_addr', key: '$binary_remote_addr' };
}

/**
 * The visitor's address behind a content delivery network: what its header says, when the connection came from one of
 * its addresses (which the load balancer's PROXY header tells, so no visitor can choose it) and the header ends with an
 * address. For everybody else the header says nothing.
 */
export function visitorMaps({ loadBalancer: { cdn } }: Config): string[] {
  if (!cdn) return [];
  const header = `$http_${cdn.header.toLowerCase().replaceAll('-', '_')}`;
  return [
    'geo $proxy_protocol_addr $from_cdn {',
    '  default 0;',
    ...cdn.ranges.map((range) => `  ${range} 1;`),
    '}',
    `map "$from_cdn ${header}" $visitor {`,
    '  default $remote_addr;',
    // the last address of a list is the one that the network itself has added
    '  "~^1 (?:.*[, ])?(?<told_address>[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$" $told_address;',
    '}',
  ];
}
