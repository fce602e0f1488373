import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The program under test: VIS_SERVER, or the dev build of this tree. */
export function serverProgram(): string {
  const path = resolve(process.env.VIS_SERVER ?? '../../build/dev/visavis');
  if (!existsSync(path)) throw new Error(`${path} is not built; set VIS_SERVER or build it`);
  return path;
}

/** The environment of a child: ours, without what could configure the server by accident. */
export function childEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VISAVIS_'));
  return { ...Object.fromEntries(inherited), ...extra };
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Kills it, without a chance to say or save anything. */
  signal?: AbortSignal;
}

/** Runs a program to its end. A failing exit code is an outcome, not an error. */
export async function run(
  program: string,
  args: string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: childEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
  const texts = [collect(child, 'stdout'), collect(child, 'stderr')] as const;
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [code] = await closed.catch((error: unknown): [null] => {
    if (options.signal?.aborted) return [null];
    throw error;
  });
  return { code, stdout: texts[0](), stderr: texts[1]() };
}

/** The same for a program that must succeed; answers what it printed. */
export async function runOk(
  program: string,
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** One command of the program under test. */
export const visavis = (args: string[], options: RunOptions = {}) =>
  run(serverProgram(), args, options);

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  child[stream]?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
