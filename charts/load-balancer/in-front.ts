import type { Config } from '../../config/schema';

/**
 * Lines of a frontend that reads the visitor's address out of the PROXY header of the load balancer in front. Whoever
 * comes from elsewhere is asked for none, and one that it sends all the same is no TLS: it is turned away.
 * @see https://docs.haproxy.org/3.2/configuration.html#4.2-tcp-request%20connection
 */
export const proxyHeaderLines = ({ loadBalancer: { proxyProtocol } }: Config): string =>
  proxyProtocol ? `  tcp-request connection expect-proxy layer4 if { src ${proxyProtocol.from.join(' ')} }\n` : '';

/**
 * Lines that count the connections of each visitor. A content delivery network is many visitors behind few addresses:
 * it is not counted here, and the web servers limit the requests of each visitor behind it. After a PROXY header the
 * address is known later: rules of the session see it, rules of the connection do not.
 */
export function connectionLimitLines({ loadBalancer: { proxyProtocol, cdn }, limits }: Config): string {
  const rule = proxyProtocol ? 'tcp-request session' : 'tcp-request connection';
  const counted = cdn ? ` unless { src ${cdn.ranges.join(' ')} }` : '';
  return `  stick-table type ip size 100k expire 30s store conn_cur,conn_rate(10s)
  ${rule} track-sc0 src${counted}
  ${rule} reject if { sc0_conn_cur gt ${limits.connectionsPerClient} } || { sc0_conn_rate gt ${limits.connectionsPerSecondPerClient * 10} }
`;
}
