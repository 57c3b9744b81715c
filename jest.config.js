export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/{charts,policy,config,commands,site}/**/*.test.ts'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(execa|unicorn-magic|is-plain-obj|npm-run-path|strip-final-newline|get-stream|human-signals|pretty-ms|parse-ms|yoctocolors|figures|is-stream|is-unicode-supported|@sindresorhus)/)',
  ],
};
