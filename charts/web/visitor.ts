import type { Config } from '../../config/schema';

/** nginx's variables with the visitor's address: as text, and as the key of a limit. */
export function visitor({ loadBalancer: { cdn } }: Config): { readonly address: string; readonly key: string } {
  return cdn ? { address: '$visitor', key: '$visitor' } : { address: '$remote_addr', key: '$binary_remote_addr' };
}

/**
 * The visitor's address behind a content delivery network: taken from its header if the connection came from one of
 * its addresses (known from the load balancer's PROXY header, so visitors cannot forge it) and the header ends with an
 * address. For other clients the header is ignored.
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
    // the last address of a list is the one that the network added
    '  "~^1 (?:.*[, ])?(?<told_address>[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$" $told_address;',
    '}',
  ];
}
