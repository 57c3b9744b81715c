import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What unit tests run besides Node and git, and how Debian installs it. */
const PACKAGES = {
  awk: 'apt install mawk',
  bash: 'apt install bash',
  busybox: 'apt install busybox',
  // as well as date, mkdir, mv and sleep
  cat: 'apt install coreutils',
  grep: 'apt install grep',
  luacheck: 'apt install lua-check',
  nginx: 'apt install nginx-light',
  promtool: 'apt install prometheus',
  restic: '0.17 or newer, https://restic.readthedocs.io/en/stable/020_installation.html',
  sed: 'apt install sed',
  shellcheck: 'apt install shellcheck',
} as const;

/** A program that a unit test may run. */
export type Program = keyof typeof PACKAGES;

/**
 * Declares tests that run other programs. Where one is missing they are skipped, and
 * [the reporter](./skips.cjs) lists them with what to install. With `CI=true` they fail instead.
 * Tests that need no program belong outside.
 */
export function withProgram(names: Program | readonly Program[], tests: () => void): void {
  const missing = [names].flat().filter((name) => !isFound(name));
  const reason = missing.map((name) => `${name} is missing (${PACKAGES[name]})`).join(', ');
  declare(`with ${[names].flat().join(', ')}`, reason, tests);
}

/** Arguments of `unshare` for a command of root's in which file systems can be mounted. */
export const WITH_MOUNTS = ['--mount', '--map-root-user'] as const;

/** The same for tests that mount a file system. */
export function withMounts(tests: () => void): void {
  const isAllowed = spawnSync('unshare', [...WITH_MOUNTS, 'sh', '-ec', 'mount -t tmpfs none /mnt']).status === 0;
  const reason = 'the right to mount is missing (apt install util-linux, and user namespaces that the kernel permits)';
  declare('with mounts', isAllowed ? '' : reason, tests);
}

/** The same for tests that read [the schemas of Kubernetes](./kubernetes-schemas.ts); they are given the folder. */
export function withKubernetesSchemas(tests: (folder: string) => void): void {
  const folder = schemaFolder();
  const reason = folder ? '' : 'kubernetes-validate is missing (pip install kubernetes-validate)';
  declare('with kubernetes-validate', reason, () => tests(folder ?? ''));
}

/** @param reason why the tests cannot run, empty where they can */
function declare(title: string, reason: string, tests: () => void): void {
  if (reason === '') {
    describe(title, tests);
  } else if (isCi()) {
    test(reason, () => {
      throw new Error(`${reason}: install it; without CI=true its tests are skipped`);
    });
  } else {
    describe.skip(reason, tests);
  }
}

const isCi = (): boolean => !['', '0', 'false'].includes(process.env.CI ?? '');

/** Whether an executable file of that name is in a folder of `PATH`. */
function isFound(name: string): boolean {
  if (name === 'restic') return isNewEnough();
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Whether there is a restic whose exit codes distinguish a wrong password. */
function isNewEnough(): boolean {
  const { stdout } = spawnSync('restic', ['version'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = /^restic (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) > 0 || Number(minor) >= 17;
}

// without importing it, which takes longer than all that is read from there
const WHERE = `from importlib.util import find_spec
print(find_spec('kubernetes_validate').submodule_search_locations[0])`;

/**
 * The folder of the OpenAPI schemas that the program kubernetes-validate brings along; undefined without it. The program
 * itself parses a megabyte of definitions for each object.
 */
function schemaFolder(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const program = folders.map((folder) => join(folder, 'kubernetes-validate')).find((path) => existsSync(path));
  if (!program) return undefined;
  // pipx and venv give it a Python of its own; a shim of pyenv names none
  const [, python = 'python3'] = /^#!(\S*python\S*)$/m.exec(readFileSync(program, 'utf8')) ?? [];
  const { stdout, status } = spawnSync(python, ['-c', WHERE], { encoding: 'utf8' });
  return status === 0 ? join(stdout.trim(), 'kubernetes-json-schema') : undefined;
}
