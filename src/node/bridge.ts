// npm run bridge: the gRPC bridge before a deployed Worker. UPSTREAM is the Worker's address; PORT and HOST are where it
// listens; TLS_CERT and TLS_KEY are files of PEM, without which it speaks cleartext.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { startGrpcBridge } from './grpc-bridge.ts';
import { Refusal, reportError } from './refusal.ts';

const DEFAULT_PORT = 8788;
const MAX_PORT = 65_535;
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

try {
  const tls = readTls(process.env['TLS_CERT'], process.env['TLS_KEY']);
  const bridge = await startGrpcBridge({
    upstream: readUpstream(process.env['UPSTREAM']),
    port: readBridgePort(process.env['PORT']),
    ...(process.env['HOST'] ? { host: process.env['HOST'] } : {}),
    ...(tls === null ? {} : { tls }),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => bridge.stop());
  }
  console.log(`Ready: gRPC on ${bridge.url}. Ctrl-C stops it.`);
} catch (error) {
  reportError(error);
  process.exitCode = 1;
}

/** An origin alone; passwords go there, so in cleartext only to this machine. */
function readUpstream(text: string | undefined): URL {
  const url = URL.parse(text ?? '');
  const isOrigin = url !== null && url.href === `${url.origin}/`;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (isOrigin && isSafe) return url;
  throw new Refusal(
    'UPSTREAM must be the address of the Worker, as https://rekey.example.com, without a path; http is for loopback alone',
  );
}

function readBridgePort(text: string | undefined): number {
  const port = Number(text || DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return port;
  throw new Refusal(`PORT must be a number from 1 to ${MAX_PORT}`);
}

function readTls(
  cert: string | undefined,
  key: string | undefined,
): { readonly cert: string; readonly key: string } | null {
  if (!cert && !key) return null;
  if (!cert || !key) throw new Refusal('TLS_CERT and TLS_KEY go together');
  const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  try {
    createSecureContext(tls);
  } catch {
    throw new Refusal(
      'TLS_CERT and TLS_KEY must name files of PEM: a certificate, and its own key',
    );
  }
  return tls;
}
