import { readFileSync, realpathSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { dirname, join } from 'node:path';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { describe, log } from './log';

/** Milliseconds between two looks at the folder. */
const LOOK_MS = 2000;

/**
 * A server that speaks TLS 1.3 to clients with a certificate of the CA that bears a name; not listening yet. New files in
 * the folder count from the next handshake on; files that do not fit are named in the log, and those before stay.
 *
 * @param dir holds `tls.crt` and `tls.key` of this server and `ca.crt` of its clients, as a Secret's volume does
 * @param clientName DNS name that a client's certificate must bear
 * @throws Error when the files do not fit at the start
 */
export function createMutual(dir: string, clientName: string, listener: RequestListener): Server {
  let seen = versionOf(dir);
  const server = createServer(
    { ...filesOf(dir), minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true },
    listener,
  );
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.getPeerX509Certificate()?.checkHost(clientName) === undefined) socket.destroy();
  });
  const timer = setInterval(() => {
    try {
      const version = versionOf(dir);
      if (version === seen) return;
      seen = version;
      const files = filesOf(dir);
      createSecureContext(files);
      server.setSecureContext({ ...files, minVersion: 'TLSv1.3' });
      log({ level: 'info', message: 'the certificate is taken', version });
    } catch (error) {
      log({ level: 'error', message: 'the certificate does not fit, the one before stays', error: describe(error) });
    }
  }, LOOK_MS);
  timer.unref();
  server.on('close', () => clearInterval(timer));
  return server;
}

/** The folder in which the files really lie: the kubelet replaces all of them at once by pointing to another. */
const present = (dir: string): string => dirname(realpathSync(join(dir, 'tls.crt')));

const versionOf = (dir: string): string => {
  const folder = present(dir);
  return `${folder} ${statSync(join(folder, 'tls.crt')).mtimeMs}`;
};

function filesOf(dir: string): SecureContextOptions {
  const folder = present(dir);
  const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readFileSync(join(folder, name)));
  return { cert, key, ca };
}
