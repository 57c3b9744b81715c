import { createInterface } from 'node:readline/promises';
import { ConfigError, configOf } from '../../config';
import { UsageError } from '../command';
import { type Answers, settings } from './files';

/** Options of the command line that answer a question; on a terminal each is asked for where none is given. */
const QUESTIONS = {
  domain: { asks: 'host name that visitors use', usual: (name: string) => `${name}.example.org` },
  image: { asks: "the app's image, with its version; empty for the sample site", usual: () => '' },
  port: { asks: 'port at which the image listens, 1024 or above', usual: () => '8080' },
  topology: { asks: 'databases: primary-replica or group', usual: () => 'primary-replica' },
  monitoring: { asks: 'prometheus, sumologic, or the https:// address of an OTLP receiver', usual: () => 'prometheus' },
  cluster: { asks: 'kind of cluster: kind, k3s, kubeadm, eks, gke, aks, openshift or other', usual: () => 'other' },
  gitops: { asks: 'argocd, flux or none', usual: () => 'none' },
} as const;

type Question = keyof typeof QUESTIONS;
type Given = Readonly<Partial<Record<Question | 'package', string>>>;

const WORDS: Readonly<Partial<Record<Question, readonly string[]>>> = {
  topology: ['primary-replica', 'group'],
  cluster: ['kind', 'k3s', 'kubeadm', 'eks', 'gke', 'aks', 'openshift', 'other'],
  gitops: ['argocd', 'flux', 'none'],
};

/**
 * The answers: from the command line, from a person where none was given there, else the usual ones.
 * @throws UsageError with every fault at once
 */
export async function answersOf(name: string, given: Given): Promise<Answers> {
  // an empty answer of a person is the usual one; an empty option is a variable of a script that was not set
  const empty = Object.entries(given).filter(([, text]) => text === '');
  if (empty.length > 0) throw new UsageError(empty.map(([option]) => `--${option}: must not be empty`).join('\n'));
  const asks = process.stdin.isTTY && process.stdout.isTTY && Object.keys(given).every((key) => key === 'package');
  const all = asks ? { ...given, ...(await asked(name)) } : given;
  const value = (question: Question) => all[question] || QUESTIONS[question].usual(name);
  const answers = {
    name,
    domain: value('domain'),
    image: value('image') || undefined,
    port: Number(value('port')),
    topology: value('topology'),
    monitoring: value('monitoring'),
    cluster: value('cluster'),
    gitops: value('gitops'),
    source: given.package,
  };
  refuse(answers, all);
  return answers;
}

async function asked(name: string): Promise<Record<string, string>> {
  const line = createInterface({ input: process.stdin, output: process.stdout });
  const answers: Record<string, string> = {};
  for (const [question, { asks, usual }] of Object.entries(QUESTIONS)) {
    if (question === 'port' && !answers.image) continue;
    const shown = usual(name);
    answers[question] = (await line.question(`${asks}${shown ? ` [${shown}]` : ''}: `)).trim();
  }
  line.close();
  return answers;
}

function refuse(answers: Answers, given: Given): void {
  const words = (Object.entries(WORDS) as [Question, readonly string[]][])
    .filter(([question, allowed]) => !allowed.includes(String(answers[question as keyof Answers])))
    .map(([q, allowed]) => `--${q}: must be ${allowed.join(', ')}, got "${answers[q as keyof Answers]}"`);
  const { monitoring, port } = answers;
  // a port without an image is not in the settings, which are checked below
  if (!Number.isInteger(port)) words.push(`--port: must be a whole number, 1024 to 65535, got "${given.port}"`);
  else if (given.port && !answers.image) {
    words.push(`--port: must be left out without --image, as the sample site has its own, got "${given.port}"`);
  }
  if (!['prometheus', 'sumologic'].includes(monitoring) && !monitoring.startsWith('https://')) {
    words.push(`--monitoring: must be prometheus, sumologic or an address with https://, got "${monitoring}"`);
  }
  if (words.length > 0) throw new UsageError(words.join('\n'));
  try {
    configOf(settings(answers), 'the answers');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message);
  }
}
