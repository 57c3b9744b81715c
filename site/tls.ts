import { readFileSync, realpathSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { dirname, join } from 'node:path';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { describe, log } from './log';

/** Milliseconds between two checks of the folder. */
const LOOK_MS = 2000;

/**
 * A TLS 1.3 server for clients whose certificate is signed by the CA and contains a name; not listening yet. New files
 * in the folder apply from the next handshake; invalid files are logged, and the previous ones stay in use.
 *
 * @param dir holds `tls.crt` and `tls.key` of this server and `ca.crt` of its clients, as a Secret's volume does
 * @param clientName DNS name that a client's certificate must contain
 * @throws Error when the files are invalid at the start
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

/** The real folder of the files: the kubelet replaces all of them at once by repointing a symlink. */
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
