// The gRPC bridge's way to the Worker: HTTP/1.1 over connections that are kept. Nothing is ever sent twice: a request
// that found its kept connection dead is reported as lost, where `fetch` and most agents would be free to send it again.
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { flattenMetadata, type Metadata } from './grpc-headers.ts';

/** Below what servers keep an idle connection for (workerd: 5 s), so that theirs is seldom the hand that closes it. */
const IDLE_SOCKET_MS = 4000;

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Metadata;
  readonly body: Buffer;
}

/** `unreachable` was never sent; of `lost` and `large` it is not known what they did. */
export type UpstreamFailure = 'unreachable' | 'lost' | 'large';

export interface Sending {
  readonly outcome: Promise<UpstreamAnswer | UpstreamFailure>;
  /** Whether any of it may have reached the Worker. */
  readonly isSent: () => boolean;
  /** Takes it back while no connection has it. After that it does nothing. */
  readonly withdraw: () => void;
}

export interface Upstream {
  readonly send: (path: string, headers: Metadata, body: Buffer) => Sending;
  /** Cuts every connection. */
  readonly close: () => void;
}

export function openUpstream(
  url: URL,
  limits: { readonly answerBytes: number; readonly callMs: number; readonly calls: number },
): Upstream {
  const isTls = url.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: limits.calls, timeout: IDLE_SOCKET_MS };
  const agent = isTls ? new TlsAgent(options) : new Agent(options);
  const open = (path: string, headers: Metadata): ClientRequest =>
    (isTls ? requestHttps : requestHttp)({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port,
      path,
      method: 'POST',
      headers: flattenMetadata(headers),
      agent,
    });
  return {
    send: (path, headers, body) => {
      const length = { 'content-length': [String(body.length)] };
      return watch(open(path, { ...headers, ...length }), body, isTls, limits);
    },
    close: () => agent.destroy(),
  };
}

function watch(
  request: ClientRequest,
  body: Buffer,
  isTls: boolean,
  limits: { readonly answerBytes: number; readonly callMs: number },
): Sending {
  let sent = false;
  request.on('socket', (socket) => {
    // A connection that is kept takes the request at once, and never connects again: a listener would stay with it.
    if (!socket.connecting) {
      sent = true;
      return;
    }
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      sent = true;
    });
  });
  const limit = setTimeout(() => request.destroy(new Error('no answer')), limits.callMs);
  const outcome = new Promise<UpstreamAnswer | UpstreamFailure>((resolve) => {
    const fail = () => resolve(sent ? 'lost' : 'unreachable');
    request.on('error', fail);
    request.on('close', fail);
    request.on('response', (answer) => {
      // From here on the answer says how it ended.
      request.off('close', fail);
      readAnswer(answer, limits.answerBytes).then(resolve);
    });
  }).finally(() => clearTimeout(limit));
  request.end(body);
  return {
    outcome,
    isSent: () => sent,
    withdraw: () => {
      if (!sent) request.destroy();
    },
  };
}

function readAnswer(
  answer: IncomingMessage,
  maxBytes: number,
): Promise<UpstreamAnswer | UpstreamFailure> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes) return;
      resolve('large');
      answer.destroy();
    });
    answer.on('error', () => resolve('lost'));
    answer.on('close', () => resolve('lost'));
    // Not of an answer that is cut short: that is an error.
    answer.on('end', () => {
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headersDistinct as Metadata,
        body: Buffer.concat(chunks),
      });
    });
  });
}
