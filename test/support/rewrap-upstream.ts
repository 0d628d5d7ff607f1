// A Worker as the command of a rewrap sees it: it answers what it is told to, in this order, and tells what it was asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `cut`: the connection ends without an answer. */
export type Reply = 'cut' | { readonly status?: number; readonly body?: unknown };

export interface RewrapUpstream {
  readonly url: string;
  readonly asked: unknown[];
  readonly bearers: (string | undefined)[];
  readonly stop: () => Promise<void>;
}

export async function startUpstream(replies: readonly Reply[]): Promise<RewrapUpstream> {
  const asked: unknown[] = [];
  const bearers: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const reply = replies[asked.push(JSON.parse(text)) - 1] ?? { status: 404 };
    bearers.push(request.headers.authorization);
    if (reply === 'cut') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply.body ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    bearers,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
