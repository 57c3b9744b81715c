// The acceptance tests; `--full` adds the long trials. Other arguments go to jest.
import { spawnSync } from 'node:child_process';

const full = process.argv.includes('--full');
const rest = process.argv.slice(2).filter((argument) => argument !== '--full');
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '--config', 'test/cluster/jest.config.js', '--runInBand', ...rest],
  { stdio: 'inherit', env: { ...process.env, ...(full ? { THREEWALL_FULL: '1' } : {}) } },
);
process.exit(status ?? 1);
