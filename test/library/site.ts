import { App } from 'cdk8s';
import { ConfigError, Threewall } from '../../library';

/** A site that has a domain, and what else is given. */
export const site = (props: object = {}, app = new App(), id = 'shop'): Threewall =>
  new Threewall(app, id, { domain: 'www.example.org', ...props });

/** The faults of a refusal; none if nothing is refused. */
export function refusedBy(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}
