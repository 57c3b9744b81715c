import { PassThrough } from 'node:stream';
import { directions, loadBalancerAddress } from '../../commands/up/next-steps';
import { screenFor } from '../../commands/up/screen';
import { configOf } from '../support/configs';

describe('directions to the site', () => {
  const config = configOf({ name: 'shop' });
  const own = new Map([['site', { 'ca.crt': 'pem' }]]);

  test('go through the address of the load balancer', () => {
    const text = directions(config, { ip: '203.0.113.7' }, own);
    expect(text).toMatch(
      'curl --cacert shop-ca.crt --resolve www.example.org:443:203.0.113.7 https://www.example.org/',
    );
    expect(text).toMatch("kubectl get secret site-tls -n shop -o 'jsonpath={.data.ca\\.crt}'");
  });

  test('go through its name where the cloud gives a name', () => {
    expect(directions(config, { hostname: 'lb.example.net' }, own)).toMatch(
      '--connect-to www.example.org:443:lb.example.net:443',
    );
  });

  test('go through a port of this machine where it has no address', () => {
    const text = directions(config, undefined, own);
    expect(text).toMatch('kubectl port-forward -n shop service/load-balancer 8443:443');
    expect(text).toMatch('--connect-to www.example.org:443:127.0.0.1:8443');
  });

  test.each<[string, object, string]>([
    [
      'that chooses its ports',
      { type: 'NodePort' },
      'the ports of the nodes that `kubectl get service load-balancer -n shop` names',
    ],
    [
      'with ports that are set',
      { type: 'NodePort', nodePorts: { https: 30443, http: 30080 } },
      'ports 30443 (https) and 30080 (http) of the nodes',
    ],
    ['inside the cluster', { type: 'ClusterIP' }, 'the Service load-balancer of the namespace shop'],
  ])('say where visitors come in by a Service %s, and wait for no address', async (_, service, where) => {
    const behind = configOf({ name: 'shop', loadBalancer: { service } });
    const text = directions(behind, await loadBalancerAddress(behind), own);
    expect(text).toMatch(`What stands in front must lead www.example.org to ${where}, with TLS unopened.`);
    expect(text).not.toMatch('has given');
  });

  test('name no CA where every client trusts the certificate', () => {
    expect(directions(config, { ip: '203.0.113.7' }, new Map([['site', {}]]))).not.toMatch('cacert');
  });

  test('lead to Prometheus where it runs', () => {
    expect(directions(config, undefined, own)).toMatch(
      'port-forward -n shop-monitoring service/monitoring-service 9090',
    );
    const external = configOf({ monitoring: { services: [{ type: 'sumologic' }] } });
    expect(directions(external, undefined, own)).not.toMatch('Prometheus');
  });
});

describe('progress', () => {
  const lines = (text: string) => new Map([['database', { brief: `database ${text}`, detail: 'starts' }]]);
  const written = (isTTY: boolean, ...shown: string[]) => {
    const out = Object.assign(new PassThrough(), { isTTY, columns: 40 });
    const screen = screenFor(out as unknown as NodeJS.WriteStream);
    for (const text of shown) screen.show(lines(text));
    return String(out.read());
  };

  test('is a line for each change where nothing can be rewritten', () => {
    expect(written(false, '0/2', '0/2', '1/2')).toBe('database 0/2\ndatabase 1/2\n');
  });

  test('is rewritten in place on a terminal', () => {
    expect(written(true, '0/2', '1/2')).toBe('\x1b[2Kdatabase 0/2 starts\n\x1b[1A\x1b[2Kdatabase 1/2 starts\n');
  });
});
