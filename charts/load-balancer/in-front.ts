import type { Config } from '../../config/schema';

/**
 * Lines of a frontend that reads the visitor's address from the PROXY header of the load balancer in front. A client
 * from elsewhere needs none; if it sends one anyway, that is not TLS and the connection is rejected.
 * @see https://docs.haproxy.org/3.2/configuration.html#4.2-tcp-request%20connection
 */
export const proxyHeaderLines = ({ loadBalancer: { proxyProtocol } }: Config): string =>
  proxyProtocol ? `  tcp-request connection expect-proxy layer4 if { src ${proxyProtocol.from.join(' ')} }\n` : '';

/**
 * Lines that count connections per visitor. A content delivery network is many visitors behind few addresses:
 * it is not counted here, and web servers limit the requests of each visitor behind it. After a PROXY header the
 * address is known only to rules of the session, not to rules of the connection.
 */
export function connectionLimitLines({ loadBalancer: { proxyProtocol, cdn }, limits }: Config): string {
  const rule = proxyProtocol ? 'tcp-request session' : 'tcp-request connection';
  const counted = cdn ? ` unless { src ${cdn.ranges.join(' ')} }` : '';
  return `  stick-table type ip size 100k expire 30s store conn_cur,conn_rate(10s)
  ${rule} track-sc0 src${counted}
  ${rule} reject if { sc0_conn_cur gt ${limits.connectionsPerClient} } || { sc0_conn_rate gt ${limits.connectionsPerSecondPerClient * 10} }
`;
}
