// The frames of gRPC and gRPC-Web: a flag byte, the length in four bytes, and that many bytes. Nothing in them is decoded.
import { isPrintable, isToken, type Metadata } from './grpc-headers.ts';
import { REFUSED, type Status } from './grpc-status.ts';

const PREFIX_BYTES = 5;
const PLAIN = 0x00;
const COMPRESSED = 0x01;
/** gRPC-Web's own: the frame holds the trailers. */
const TRAILERS = 0x80;

export interface MessageReader {
  /** Tells what is wrong at the first byte that is, without waiting for the rest. */
  readonly add: (chunk: Buffer) => Status | null;
  /** The body as it came, once it has ended. */
  readonly finish: () => Buffer | Status;
}

/** Reads a request of one message, not compressed, of at most so many bytes. */
export function readMessage(maxBytes: number): MessageReader {
  const chunks: Buffer[] = [];
  let size = 0;
  let end: number | null = null;
  return {
    add: (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (end === null) {
        if (size < PREFIX_BYTES) return null;
        const prefix = readPrefix(Buffer.concat(chunks));
        if (prefix.flag === COMPRESSED) return REFUSED.compressed;
        if (prefix.flag !== PLAIN) return REFUSED.frame;
        if (prefix.length > maxBytes) return REFUSED.large;
        end = PREFIX_BYTES + prefix.length;
      }
      return size > end ? REFUSED.several : null;
    },
    finish: () => {
      if (size === 0) return REFUSED.missing;
      return size === end ? Buffer.concat(chunks) : REFUSED.truncated;
    },
  };
}

export interface WebAnswer {
  /** The frames of the messages as they came. */
  readonly data: Buffer;
  readonly messages: number;
  /** Null when the body ends without them. */
  readonly trailers: Metadata | null;
}

/** Splits the body of a gRPC-Web answer. Null when it is malformed: cut short, compressed, or with bytes to spare. */
export function splitAnswer(body: Buffer): WebAnswer | null {
  let messages = 0;
  let start = 0;
  while (start < body.length) {
    if (body.length - start < PREFIX_BYTES) return null;
    const { flag, length } = readPrefix(body.subarray(start));
    const end = start + PREFIX_BYTES + length;
    if (end > body.length) return null;
    if (flag === TRAILERS) {
      const trailers = parseTrailers(body.toString('latin1', start + PREFIX_BYTES, end));
      if (trailers === null || end !== body.length) return null;
      return { data: body.subarray(0, start), messages, trailers };
    }
    if (flag !== PLAIN) return null;
    messages += 1;
    start = end;
  }
  return { data: body, messages, trailers: null };
}

function readPrefix(frame: Buffer): { readonly flag: number; readonly length: number } {
  return { flag: frame.readUInt8(0), length: frame.readUInt32BE(1) };
}

/** Lines as of an HTTP/1 header, with or without a space after the colon. Null when one of them is not. */
function parseTrailers(text: string): Metadata | null {
  const trailers = new Map<string, string[]>();
  for (const line of text.split('\r\n')) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (colon < 0 || !isToken(name) || !isPrintable(value)) return null;
    trailers.set(name, [...(trailers.get(name) ?? []), value]);
  }
  return Object.fromEntries(trailers);
}
