export default {
  testEnvironment: 'node',
  // by default one core of two stays idle
  maxWorkers: '100%',
  testMatch: ['<rootDir>/test/{backup,charts,commands,config,policy,site,trials}/**/*.test.ts'],
  // published as ES modules only
  transformIgnorePatterns: ['/node_modules/(?!(age-encryption|@noble|@scure|s3mini)/)'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
