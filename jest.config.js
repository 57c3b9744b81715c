export default {
  testEnvironment: 'node',
  // by default one core of two stays idle
  maxWorkers: '100%',
  // ends what hangs, also on a machine that is busy with something else; no test asserts a time
  testTimeout: 120_000,
  reporters: ['default', '<rootDir>/test/support/skips.cjs'],
  testMatch: [
    '<rootDir>/test/{backup,bundle,charts,commands,config,house,library,policy,reachability,site}/**/*.test.ts',
    // what the trials reckon with needs no cluster
    '<rootDir>/test/cluster/support/**/*.test.ts',
  ],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
