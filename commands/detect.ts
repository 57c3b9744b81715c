import { command } from './command';

const USAGE = `usage: npm run -s detect [-- --trial]

Prints the section \`cluster\` that fits the cluster of KUBECONFIG: paste it into config/<environment>.yaml and read it;
unknown facts are printed as comments.

--trial  also tries whether the network enforces NetworkPolicies: two pods for some seconds, in a namespace of their own

exit code: 0 printed, 1 the cluster has trouble or enforces nothing, 2 the input is wrong`;

const options = { trial: { type: 'boolean', default: false } } as const;

await command({ text: USAGE, options, words: [0, 0] }, async (_words, { trial }) => {
  const { detect } = await import('./detect/detect');
  return detect(trial);
});
