// The gRPC bridge: speaks gRPC over HTTP/2 to clients and gRPC-Web to the Worker, which has no trailers of HTTP/2.
// The two frame a message alike, so it is passed on as it is. One request, one message, one answer: all methods of the
// Worker are unary. A request reaches the Worker whole and once, or not at all, and whoever asked hears which.
import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2';
import type { Socket } from 'node:net';
import { serveCall } from './grpc-call.ts';
import { HEADER_OVERHEAD_BYTES } from './grpc-headers.ts';
import { openUpstream } from './grpc-upstream.ts';

const KIB = 1024;

/** What one client, and all of them, may take of the bridge. */
const LIMITS = {
  /** The Worker takes no more for a whole body (src/wire/body.ts). */
  messageBytes: 16 * KIB,
  answerBytes: 64 * KIB,
  headerBytes: 16 * KIB,
  /** For a request to come whole, and for an answer to be taken. */
  transferMs: 15_000,
  /** A call's, whatever deadline it brings. Hundreds at once have to wait for the hashes of one local Worker. */
  callMs: 120_000,
  /** Open calls, those included that only the Worker is still busy with: as many connections to it, at most. */
  calls: 1024,
  /** Of one connection. */
  streams: 256,
  connections: 1024,
  /** A connection without a call. Clients open a new one when they need it. */
  idleMs: 300_000,
  /** For open calls to end when the bridge is stopped. */
  stopMs: 5000,
};

export type BridgeLimits = Readonly<typeof LIMITS>;

/** Over it, HTTP/2 itself ends the stream; from headerBytes to it, the client is told so in gRPC. */
const HARD_HEADER_BYTES = 64 * KIB;

export interface GrpcBridge {
  readonly url: string;
  readonly port: number;
  /** Takes no more calls, lets the open ones end for a while, and cuts what is left. */
  readonly stop: () => Promise<void>;
}

export interface BridgeOptions {
  /** The Worker's origin. */
  readonly upstream: URL;
  /** 0 takes any that is free. */
  readonly port: number;
  readonly host?: string;
  /** Without it: cleartext, for clients that know beforehand that it is HTTP/2. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly limits?: Partial<BridgeLimits>;
}

/** @throws the error of the system when it cannot listen there. */
export async function startGrpcBridge(options: BridgeOptions): Promise<GrpcBridge> {
  const { port, host = '127.0.0.1', tls } = options;
  const limits: BridgeLimits = { ...LIMITS, ...options.limits };
  const http2 = {
    settings: { maxConcurrentStreams: limits.streams, maxHeaderListSize: HARD_HEADER_BYTES },
    // No bound of its own: their size is one.
    maxHeaderListPairs: HARD_HEADER_BYTES / HEADER_OVERHEAD_BYTES,
  };
  const server =
    tls === undefined
      ? createServer(http2)
      : createSecureServer({ ...http2, ...tls, handshakeTimeout: limits.transferMs });
  server.maxConnections = limits.connections;
  const upstream = openUpstream(options.upstream, limits);
  const sockets = new Set<Socket>();
  const calls = new Set<Promise<void>>();

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    // It has no open call: none lasts as long. Its client is told, and not asked to close first.
    session.setTimeout(limits.idleMs, () => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    const isBusy = calls.size >= limits.calls;
    const call = serveCall(stream, headers, upstream, limits, isBusy)
      // A bug in one call must not end the others.
      .catch(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
      .finally(() => calls.delete(call));
    calls.add(call);
  });

  await listen(server, port, host);
  const bound = findPort(server);
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${bound}`,
    port: bound,
    stop: async () => {
      // Asks every client to go elsewhere, too.
      const closed = new Promise((resolve) => server.close(resolve));
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
        upstream.close();
      }, limits.stopMs);
      await Promise.all([...calls, closed]);
      clearTimeout(cut);
      upstream.close();
    },
  };
}

function findPort(server: Http2Server | Http2SecureServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the bridge has no port');
  return address.port;
}

async function listen(
  server: Http2Server | Http2SecureServer,
  port: number,
  host: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // One connection that cannot be accepted is no reason to end the others.
  server.on('error', () => {});
}
