// A client of HTTP/2 by hand, for what no well-made client of gRPC would send; it shows an answer block by block.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { PATH } from './upstream.ts';

export interface GrpcAnswer {
  readonly httpStatus: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Null when the headers were all of the answer, or nothing came after them. */
  readonly trailers: IncomingHttpHeaders | null;
  /** From the trailers, or from the headers when those were all. */
  readonly status: string | undefined;
  readonly message: string | undefined;
  /** With which the stream was closed. */
  readonly rstCode: number | undefined;
}

export interface GrpcClient {
  readonly session: ClientHttp2Session;
  /** A stream whose request is still to be written. */
  readonly open: (headers?: OutgoingHttpHeaders) => ClientHttp2Stream;
  readonly call: (body: Uint8Array, headers?: OutgoingHttpHeaders) => Promise<GrpcAnswer>;
  readonly close: () => Promise<void>;
}

export const GRPC_HEADERS = {
  ':method': 'POST',
  ':path': PATH,
  'content-type': 'application/grpc+proto',
  te: 'trailers',
};

export function openGrpcClient(url: string, options: SecureClientSessionOptions = {}): GrpcClient {
  const session = connect(url, options);
  session.on('error', () => {});
  const open = (headers: OutgoingHttpHeaders = {}) =>
    session.request({ ...GRPC_HEADERS, ...headers });
  return {
    session,
    open,
    call: (body, headers) => {
      const stream = open(headers);
      const answer = readAnswer(stream);
      stream.end(body);
      return answer;
    },
    close: async () => {
      if (session.destroyed) return;
      const closed = new Promise((done) => session.once('close', done));
      session.destroy();
      await closed;
    },
  };
}

/** Never rejects: a stream that was reset shows what had come, and its code. */
export function readAnswer(stream: ClientHttp2Stream): Promise<GrpcAnswer> {
  const chunks: Buffer[] = [];
  let headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  let trailers: IncomingHttpHeaders | null = null;
  stream.on('response', (block) => {
    headers = withoutSymbols(block);
  });
  stream.on('trailers', (block) => {
    trailers = withoutSymbols(block);
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  return new Promise((done) => {
    stream.on('close', () => {
      const last: IncomingHttpHeaders = trailers ?? headers;
      done({
        httpStatus: headers[':status'],
        headers,
        body: Buffer.concat(chunks),
        trailers,
        status: last['grpc-status']?.toString(),
        message: last['grpc-message']?.toString(),
        rstCode: stream.rstCode,
      });
    });
  });
}

/** Node marks sensitive headers by one. */
function withoutSymbols<T extends object>(block: T): T {
  return Object.fromEntries(Object.entries(block)) as T;
}

export function reset(stream: ClientHttp2Stream): Promise<void> {
  const closed = new Promise<void>((done) => stream.once('close', () => done()));
  stream.on('error', () => {});
  stream.close(constants.NGHTTP2_CANCEL);
  return closed;
}
