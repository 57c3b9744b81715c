export default {
  testEnvironment: 'node',
  // by default one core of two stays idle
  maxWorkers: '100%',
  // ends what hangs, also on a machine that is busy with something else; no test asserts a time
  testTimeout: 120_000,
  reporters: ['default', '<rootDir>/test/support/skips.cjs'],
  // test/cluster/ needs a cluster; what its trials reckon with does not
  testMatch: [
    '<rootDir>/test/**/*.test.ts',
    '!<rootDir>/test/cluster/*.test.ts',
    '!<rootDir>/test/cluster/full/*.test.ts',
  ],
  // published as ES modules only
  transformIgnorePatterns: ['/node_modules/(?!(age-encryption|@noble|@scure|s3mini)/)'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
