// The gRPC bridge before a server, in a process of its own as in a deployment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REPOSITORY } from './bundle.ts';
import { findFreePort, type Server } from './workerd.ts';

const BRIDGE = join(REPOSITORY, 'src/node/bridge.ts');

export async function startBridge(upstream: string): Promise<Server> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [BRIDGE], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UPSTREAM: upstream, PORT: String(port) },
  });
  const ended = once(child, 'exit');
  // It says that it is ready in its first line.
  await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (child.exitCode !== null || child.pid === undefined) throw new Error('no bridge started');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop };
}
