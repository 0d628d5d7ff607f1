// One answer of HTTP/1.1 off a socket that carries one at a time: as little work as will tell status and body.
import type { Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** @throws Error when the connection ends before the answer does. */
export function readAnswer(socket: Socket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const stop = () => {
      socket.off('data', onData);
      socket.off('error', onEnd);
      socket.off('close', onEnd);
    };
    const onEnd = (cause?: unknown) => {
      stop();
      reject(new Error('the connection ended before the answer did', { cause }));
    };
    const onData = (data: Buffer) => {
      received = received.length === 0 ? data : Buffer.concat([received, data]);
      try {
        const answer = parseAnswer(received);
        if (answer === null) return;
        stop();
        resolve(answer);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    socket.on('data', onData);
    socket.once('error', onEnd);
    socket.once('close', onEnd);
  });
}

/** null: more is to come. */
export function parseAnswer(received: Buffer): Answer | null {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = received.toString('latin1', 0, headEnd).toLowerCase();
  const status = Number(head.slice(9, 12));
  const rest = received.subarray(headEnd + HEAD_END.length);
  if (status === 204 || status === 304) return { status, body: '' };
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) {
    return rest.length < Number(length) ? null : { status, body: rest.toString() };
  }
  if (!/\r\ntransfer-encoding: *chunked/.test(head)) {
    throw new Error('an answer of unknown length');
  }
  return endsChunks(rest) ? { status, body: joinChunks(rest) } : null;
}

/** Cheap first: a body may hold the same bytes, and the chunks are then walked. */
function endsChunks(rest: Buffer): boolean {
  const hasEnd = rest.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  return hasEnd && walkChunks(rest) !== null;
}

function joinChunks(rest: Buffer): string {
  return Buffer.concat(walkChunks(rest) ?? []).toString();
}

function walkChunks(rest: Buffer): Buffer[] | null {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    const start = lineEnd + 2;
    if (size === 0) return chunks;
    if (start + size + 2 > rest.length) return null;
    chunks.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
}
