export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/{charts,commands,config,policy,site,trials}/**/*.test.ts'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
