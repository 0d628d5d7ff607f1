// What a Worker's own isolate has in its heap: the rest of what miniflare's workerd holds is that of its D1.

/** As the Chrome DevTools Protocol gives it (Runtime.getHeapUsage), in bytes. */
interface HeapUsage {
  /** Of V8's heap: live, or not collected yet. */
  readonly usedSize: number;
  /** What objects of the runtime hold outside of it, and the bytes of buffers. */
  readonly embedderHeapUsedSize: number;
  readonly backingStorageSize: number;
}

interface Target {
  readonly id: string;
  readonly webSocketDebuggerUrl: string;
}

/** Of the one Worker that is served; `inspector` is host and port. */
const SERVED = 'core:user:';
const LIMIT_MS = 10_000;

export async function readHeapMegabytes(inspector: string): Promise<number> {
  const targets = (await (await fetch(`http://${inspector}/json`)).json()) as Target[];
  const target = targets.find(({ id }) => id.startsWith(SERVED));
  if (target === undefined) throw new Error('the inspector does not know the Worker');
  const usage = await ask<HeapUsage>(target.webSocketDebuggerUrl, 'Runtime.getHeapUsage');
  const bytes = usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
  return bytes / 1024 ** 2;
}

/** One command and its result. */
function ask<Answer>(url: string, method: string): Promise<Answer> {
  const socket = new WebSocket(url);
  const answer = new Promise<Answer>((resolve, reject) => {
    const fail = () => reject(new Error(`the inspector does not answer ${method}`));
    setTimeout(fail, LIMIT_MS).unref();
    socket.addEventListener('error', fail);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ id: 1, method })));
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { readonly id?: number; readonly result: Answer };
      if (message.id === 1) resolve(message.result);
    });
  });
  return answer.finally(() => socket.close());
}
