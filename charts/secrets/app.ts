import type { Config } from '../../config/schema';
import type { Needed } from './needed';

/** Secrets that `app.env` refers to: generated values, values that you supply, and keys of your own Secrets. */
export function secretsOfApp({ app, secrets, name: namespace }: Config): Needed[] {
  const values = Object.entries(app.env).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [{ name, ...value }],
  );
  const of = (secret: string) => values.filter((value) => value.secret === secret);
  const names = (some: typeof values): string[] => some.map(({ name }) => name);
  const [random, supplied] = [of('random'), of('supplied')];
  const others = [...new Set(names(values).length > 0 ? values.map(({ secret }) => secret) : [])].filter(
    (secret) => secret !== 'random' && secret !== 'supplied',
  );
  return [
    ...(random.length > 0
      ? [
          {
            id: 'appRandom' as const,
            namespace,
            name: secrets.appRandom,
            type: 'Opaque' as const,
            keys: names(random),
            holds: 'random values of app.env by the names of the variables',
            grows: true,
          },
        ]
      : []),
    ...(supplied.length > 0
      ? [
          {
            id: 'appSupplied' as const,
            namespace,
            name: secrets.appSupplied,
            type: 'Opaque' as const,
            keys: names(supplied),
            holds: 'values of app.env that you supply, by the names of the variables',
          },
        ]
      : []),
    ...others.map((secret) => ({
      id: `app:${secret}` as const,
      namespace,
      name: secret,
      type: 'Opaque' as const,
      keys: [...new Set(of(secret).map(({ key }) => key ?? ''))],
      holds: `values of app.env: ${of(secret)
        .map(({ name, key }) => `${key} for ${name}`)
        .join(', ')}`,
    })),
  ];
}
