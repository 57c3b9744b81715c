import { ClusterError } from '../cluster/kubectl';
import { environment } from '../environment';
import { lockedReference } from './registry';

/** Prints the images of an environment with the digests that their tags have now. @throws ClusterError naming every image that has none */
export async function lockImages(name: string | undefined): Promise<void> {
  const { config } = environment(name);
  const faults: string[] = [];
  const locked = async (path: string, image: string): Promise<string> => {
    try {
      return await lockedReference(image);
    } catch (error) {
      faults.push(`${path}: ${(error as Error).message}`);
      return image;
    }
  };
  const lines = await Promise.all(
    Object.entries(config.images).map(async ([key, image]) => `  ${key}: ${await locked(`images.${key}`, image)}`),
  );
  const app = config.app.image ? await locked('app.image', config.app.image) : undefined;
  if (faults.length > 0)
    throw new ClusterError(`not every image has a digest\n${faults.map((f) => `  ${f}`).join('\n')}`);
  console.log(['images:', ...lines].join('\n'));
  if (app) console.log(`# and in the section app:\n#   image: ${app}`);
}
