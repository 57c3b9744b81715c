import { requestsAtOnce } from '../../charts/web/connections';
import { nginxConf } from '../../charts/web/nginx-conf';
import { bytes } from '../../config/fields';
import { configOf } from '../support/configs';

test('an idle connection to the app is closed by the web server before the app does', () => {
  const kept = (app: object = {}): unknown =>
    /keepalive 32;\n\s+keepalive_timeout (\d+)s;/.exec(nginxConf(configOf({ app })))?.[1];
  expect(kept()).toBe('60');
  expect(kept({ image: 'registry.example/shop:1.4.2' })).toBe('1');
  expect(kept({ image: 'registry.example/shop:1.4.2', keepAliveSeconds: 15 })).toBe('15');
});

test('a larger window for uploads over HTTP/2 is counted for each request that may run at once', () => {
  const withWindow = (uploadWindow?: string) => configOf({ limits: { uploadWindow } });
  expect(nginxConf(withWindow())).not.toMatch('client_body_buffer_size');
  expect(nginxConf(withWindow('64Ki'))).toBe(nginxConf(withWindow()));
  const wide = withWindow('512Ki');
  expect(nginxConf(wide)).toMatch('client_body_buffer_size 524288;');
  expect(requestsAtOnce(wide) * 512 * 1024).toBeLessThan(bytes(wide.web.resources.limits.memory));
  expect(() => withWindow('32Ki')).toThrow('limits.uploadWindow: must be 64Ki to 4Mi, got "32Ki"');
});
