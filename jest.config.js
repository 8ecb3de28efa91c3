/** Tests run the TypeScript sources as native ES modules; `npm run check` does the type-checking. */
export default {
  // Fails a test file that leaves handles open.
  testEnvironment: '<rootDir>/test/support/environment.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Nothing takes this long by itself; a machine with little to spare makes six times of anything.
  testTimeout: 180_000,
  maxWorkers: 2,
};
