import unit from '../../jest.config.js';

export default {
  ...unit,
  rootDir: '../..',
  testMatch: [
    '<rootDir>/test/cluster/*.test.ts',
    ...(process.env.THREEWALL_FULL ? ['<rootDir>/test/cluster/full/*.test.ts'] : []),
  ],
  testTimeout: 180_000,
  reporters: ['default', '<rootDir>/test/cluster/support/diagnosis.cjs'],
};
