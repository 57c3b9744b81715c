const isCi = !['', '0', 'false'].includes(process.env.CI ?? '');

/** Lists the skipped tests with the reason, which is the title that `withProgram` gives them; with `CI=true` a skip fails the run. */
module.exports = class Skips {
  #selected;
  #skips = new Map();

  constructor({ testNamePattern }) {
    // -t skips whatever does not match
    this.#selected = Boolean(testNamePattern);
  }

  onTestResult({ path }, { testResults }) {
    if (this.#selected) return;
    for (const { status, ancestorTitles, title } of testResults) {
      if (status !== 'pending') continue;
      const reason = ancestorTitles.find((name) => name.includes(' is missing (')) ?? 'without a reason';
      const file = path.slice(process.cwd().length + 1);
      const names = ancestorTitles.filter((name) => name !== reason);
      const tests = this.#skips.get(reason) ?? [];
      this.#skips.set(reason, [...tests, `${file} › ${[...names, title].join(' › ')}`]);
    }
  }

  onRunComplete() {
    for (const [reason, tests] of this.#skips) {
      console.error(`\nSkipped, ${reason}:\n${tests.map((name) => `  ${name}`).join('\n')}`);
    }
    const error = this.getLastError();
    if (error) console.error(`\n${error.message}`);
  }

  /** What jest asks for its exit code; it does not print it. */
  getLastError() {
    const count = [...this.#skips.values()].flat().length;
    return isCi && count > 0 ? new Error(`${count} tests were skipped, which CI=true does not allow`) : undefined;
  }
};
