import { type ChildProcess, spawn } from 'node:child_process';

/** A way from this machine to a port of a pod or Service, as a person opens it: through `kubectl port-forward`. */
export class Forward {
  private constructor(
    private readonly process: ChildProcess,
    /** Where it begins: `http://127.0.0.1:PORT`. */
    readonly base: string,
  ) {}

  /** @param target `service/NAME` or `pod/NAME` */
  static open(namespace: string, target: string, port: number): Promise<Forward> {
    const process = spawn('kubectl', ['port-forward', '-n', namespace, target, `:${port}`]);
    return new Promise((resolve, reject) => {
      process.stdout.on('data', (text: Buffer) => {
        const local = /127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
        if (local) resolve(new Forward(process, `http://127.0.0.1:${local}`));
      });
      process.stderr.on('data', (text: Buffer) => reject(new Error(text.toString())));
      process.on('error', reject);
    });
  }

  /** False once it has ended, which a restart of either end causes. */
  get open(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  close(): void {
    this.process.kill();
  }
}
