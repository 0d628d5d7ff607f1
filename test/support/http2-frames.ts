// Frames of HTTP/2 by hand (RFC 9113, 7541), for what the client of Node would not send in that order.
import { connect, type Socket } from 'node:net';
import { PATH } from './upstream.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const DATA = 0x0;
const HEADERS = 0x1;
const RST_STREAM = 0x3;
const SETTINGS = 0x4;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const CANCEL = 8;

function encodeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** As literals that are not indexed; each shorter than 127 bytes. */
function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(headers).map(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
  return Buffer.concat(texts.flat());
}

export function requestHeaders(streamId: number): Buffer {
  const block = encodeHeaders({
    ':method': 'POST',
    ':scheme': 'http',
    ':path': PATH,
    ':authority': 'localhost',
    'content-type': 'application/grpc+proto',
  });
  return encodeFrame(HEADERS, END_HEADERS, streamId, block);
}

export function data(streamId: number, bytes: Uint8Array, isLast: boolean): Buffer {
  return encodeFrame(DATA, isLast ? END_STREAM : 0, streamId, bytes);
}

export function rstStream(streamId: number): Buffer {
  const code = Buffer.alloc(4);
  code.writeUInt32BE(CANCEL);
  return encodeFrame(RST_STREAM, 0, streamId, code);
}

/** A connection on which the preface is said. */
export function openHttp2(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(Buffer.concat([Buffer.from(PREFACE), encodeFrame(SETTINGS, 0, 0, Buffer.alloc(0))]));
  return socket;
}
