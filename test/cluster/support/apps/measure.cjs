// Asks one path over kept connections, each request after the answer of the one before. Reads what to ask from standard input as JSON,
// writes {requests, failed, p50, p99}: milliseconds.
const { host, port, tls, headers, path, connections, seconds } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const { Agent, request } = tls ? require('node:https') : require('node:http');

const agent = new Agent({ keepAlive: true, maxSockets: connections, ...tls });
const times = [];
let failed = 0;
const once = () =>
  new Promise((resolve) => {
    const begun = performance.now();
    const asked = request({ host, port, path, headers, agent, timeout: 10_000 }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) times.push(performance.now() - begun);
        else failed++;
        resolve();
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', () => {
      failed++;
      resolve();
    });
    asked.end();
  });
const end = performance.now() + seconds * 1000;
const worker = async () => {
  while (performance.now() < end) await once();
};
Promise.all(Array.from({ length: connections }, worker)).then(() => {
  agent.destroy();
  times.sort((a, b) => a - b);
  const share = (part) => times[Math.max(0, Math.ceil(part * times.length) - 1)] ?? null;
  console.log(JSON.stringify({ requests: times.length, failed, p50: share(0.5), p99: share(0.99) }));
});
