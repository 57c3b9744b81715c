// Stands in the bundle for packages that the site never reaches (../bundle.ts lists them): using one fails at once.
module.exports = new Proxy(() => {}, {
  get: (_, key) => (key === '__esModule' || typeof key === 'symbol' ? undefined : module.exports),
  apply: () => {
    throw new Error('site: a package that bundle.ts leaves out was called');
  },
});
