// gRPC-Web's framing, where the library is silent: base64 bodies, one message a request, trailers without a space.
import { encodeEnvelopes } from '@connectrpc/connect/protocol';
import { readBase64, readUtf8, toBase64, utf8 } from '../../core/bytes.ts';

const PREFIX_BYTES = 5;
const PLAIN = 0x00;
const COMPRESSED = 0x01;
const TRAILERS = 0x80;

interface Frame {
  readonly flags: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The one message of a request; what else it is otherwise. */
export function readUnaryFrame(
  body: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | 'compressed' | 'malformed' {
  const frames = splitFrames(body);
  const [frame] = frames ?? [];
  if (frame === undefined || frames?.length !== 1) return 'malformed';
  if (frame.flags === COMPRESSED) return 'compressed';
  return frame.flags === PLAIN ? frame.data : 'malformed';
}

/** null when the body ends within a frame. */
function splitFrames(body: Uint8Array<ArrayBuffer>): Frame[] | null {
  const frames: Frame[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let start = 0;
  while (start < body.length) {
    if (body.length - start < PREFIX_BYTES) return null;
    const end = start + PREFIX_BYTES + view.getUint32(start + 1);
    if (end > body.length) return null;
    frames.push({ flags: view.getUint8(start), data: body.subarray(start + PREFIX_BYTES, end) });
    start = end;
  }
  return frames;
}

/** null for what is not base64. A sender that flushes pads every chunk, so padding may stand inside. */
export function decodeText(body: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const text = readUtf8(body);
  if (text === null) return null;
  const bytes: number[] = [];
  for (const chunk of text.match(/[^=]+={0,2}|=+/g) ?? []) {
    const decoded = chunk.length % 4 === 0 ? readBase64(chunk) : null;
    if (decoded === null) return null;
    bytes.push(...decoded);
  }
  return new Uint8Array(bytes);
}

/** In one piece: some readers stop at padding. */
export function encodeText(bytes: Uint8Array): string {
  const bare = toBase64(bytes);
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/**
 * An answer's message, null for an error, and its trailers, as other readers take them. An edge that turns gRPC-Web back
 * into gRPC takes the space of "name: value" for a part of the value; and a client that undoes no more of a message's
 * percent-encoding than gRPC asks for would show colons and slashes encoded, which others encode as well.
 */
export function writeFrames(
  message: Uint8Array | null,
  trailers: Readonly<Record<string, string>>,
): Uint8Array {
  const lines = Object.entries(trailers).map(
    ([name, value]) => `${name}:${name === 'grpc-message' ? encodeMessage(value) : value}\r\n`,
  );
  const end = { flags: TRAILERS, data: utf8(lines.join('')) };
  return encodeEnvelopes(...(message === null ? [] : [{ flags: PLAIN, data: message }]), end);
}

/** Everything but printable ASCII, and the percent sign itself (gRPC over HTTP/2, "Status-Message"). */
function encodeMessage(text: string): string {
  return text.replace(/[^ -$&-~]+/g, encodeURIComponent);
}
