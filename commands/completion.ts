import { command, UsageError } from './command';

const USAGE = `usage: threewall completion bash|zsh

Prints a script that completes commands, options and environments. For bash:  source <(threewall completion bash)
For zsh:  source <(threewall completion zsh)

exit code: 0 printed, 2 the input is wrong`;

await command({ text: USAGE, words: [1, 1] }, async ([shell = '']) => {
  if (shell !== 'bash' && shell !== 'zsh') throw new UsageError(`must be bash or zsh, got "${shell}"`);
  const { readFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { packageRoot } = await import('./version');
  const script = readFileSync(join(packageRoot, 'commands/completion/threewall.bash'), 'utf8');
  // zsh runs completion functions of bash after bashcompinit
  console.log(shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script);
});
