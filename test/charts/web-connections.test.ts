import { nginxConf } from '../../charts/web/nginx-conf';
import { configOf } from '../support/configs';

test('an idle connection to the app is closed by the web server before the app does', () => {
  const kept = (app: object = {}): unknown =>
    /keepalive 32;\n\s+keepalive_timeout (\d+)s;/.exec(nginxConf(configOf({ app })))?.[1];
  expect(kept()).toBe('60');
  expect(kept({ image: 'registry.example/shop:1.4.2' })).toBe('1');
  expect(kept({ image: 'registry.example/shop:1.4.2', keepAliveSeconds: 15 })).toBe('15');
});
