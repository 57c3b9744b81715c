import { command } from './command';

const USAGE = `usage: npm run -s images:lock -- ENVIRONMENT

Asks the registries which digest the tag of each image has now, and prints the section \`images\` (and the app's image) with
tag and digest: paste it into config/<environment>.yaml, run \`npm run synth\`, and commit both. See docs/supply-chain.md.

Private registries: the login that \`docker login\` or \`podman login --authfile\` wrote to $DOCKER_CONFIG/config.json or
~/.docker/config.json. A registry on this machine (localhost, 127.0.0.1) is asked over plain http.

exit code: 0 printed, 1 a registry has trouble or lacks an image, 2 the input is wrong`;

await command({ text: USAGE }, async ([name]) => {
  const { lockImages } = await import('./images-lock/lock');
  await lockImages(name);
});
