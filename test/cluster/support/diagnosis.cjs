const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { load } = require('js-yaml');

const environment = process.env.THREEWALL_ENVIRONMENT ?? 'development';

/** Prints the cluster's state after a test file with failures. */
module.exports = class Diagnosis {
  onTestResult(_test, result) {
    if (result.numFailingTests === 0 && !result.testExecError) return;
    const { name } = load(readFileSync(`config/${environment}.yaml`, 'utf8'));
    const instance = ['-l', `app.kubernetes.io/managed-by=threewall,app.kubernetes.io/part-of=${name}`];
    print(['get', 'pods', '-A', '-o', 'wide', ...instance]);
    print(['get', 'events', '-A', '--sort-by=.lastTimestamp']);
    const pods = JSON.parse(kubectl(['get', 'pods', '-A', '-o', 'json', ...instance]) || '{"items":[]}').items;
    for (const { metadata } of pods)
      print(['logs', '-n', metadata.namespace, metadata.name, '--all-containers', '--tail=8']);
  }
};

function print(args) {
  const lines = kubectl(args).trimEnd().split('\n');
  console.error(
    `\n$ kubectl ${args.join(' ')}\n${lines
      .slice(-40)
      .map((line) => line.slice(0, 240))
      .join('\n')}`,
  );
}

function kubectl(args) {
  try {
    return execFileSync('kubectl', args, { encoding: 'utf8', timeout: 20_000, maxBuffer: 2 ** 26, stdio: 'pipe' });
  } catch (error) {
    console.error(String(error.stderr || error.message));
    return '';
  }
}
