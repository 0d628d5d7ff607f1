// Frames of gRPC and gRPC-Web, byte by byte.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage, splitAnswer } from '../../src/node/grpc-frames.ts';
import { REFUSED } from '../../src/node/grpc-status.ts';
import { frame, trailerFrame } from '../support/upstream.ts';

const MAX_BYTES = 64;

/** The first fault, or what it comes to at the end. */
function read(...chunks: readonly Uint8Array[]) {
  const reader = readMessage(MAX_BYTES);
  for (const chunk of chunks) {
    const fault = reader.add(Buffer.from(chunk));
    if (fault !== null) return fault;
  }
  return reader.finish();
}

describe('a request', () => {
  it('is the same however it is cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: MAX_BYTES }),
        fc.array(fc.nat(MAX_BYTES + 5)),
        (message, cuts) => {
          const body = frame(message);
          const ends = [...cuts.toSorted((a, b) => a - b), body.length];
          const chunks = ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end));
          expect(read(...chunks)).toEqual(body);
        },
      ),
    );
  });

  it('may be empty, and as long as the limit', () => {
    expect(read(frame(''))).toEqual(frame(''));
    const longest = frame(Buffer.alloc(MAX_BYTES));
    expect(read(longest)).toEqual(longest);
  });

  it.each([
    ['no body', Buffer.alloc(0), REFUSED.missing],
    ['half a prefix', frame('x').subarray(0, 3), REFUSED.truncated],
    ['a prefix alone', frame('x').subarray(0, 5), REFUSED.truncated],
    ['a message cut short', frame('xyz').subarray(0, 7), REFUSED.truncated],
    ['two messages', Buffer.concat([frame('x'), frame('y')]), REFUSED.several],
    ['a byte to spare', Buffer.concat([frame('x'), Buffer.alloc(1)]), REFUSED.several],
    ['a compressed message', frame('x', 0x01), REFUSED.compressed],
    ['trailers', frame('x', 0x80), REFUSED.frame],
    ['a flag that nobody knows', frame('x', 0x02), REFUSED.frame],
    ['JSON', Buffer.from('{"userId":"x"}'), REFUSED.frame],
  ])('refuses %s', (_, body, status) => {
    expect(read(body)).toBe(status);
  });

  it('over the limit is refused at its prefix', () => {
    const prefix = frame(Buffer.alloc(MAX_BYTES + 1)).subarray(0, 5);
    expect(read(prefix.subarray(0, 4), prefix.subarray(4))).toBe(REFUSED.large);
  });

  it('never throws, and never gives more than came', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (chunks) => {
        const body = Buffer.concat(chunks);
        const result = read(...chunks);
        expect(Buffer.isBuffer(result) ? result : body).toEqual(body);
      }),
    );
  });
});

describe('an answer', () => {
  it('is split into messages and trailers', () => {
    const data = Buffer.concat([frame('one'), frame('two')]);
    const trailers = trailerFrame(
      'grpc-status:0',
      'Grpc-Message: all%20good ',
      'a-bin:AAE',
      'a-bin:Ag',
    );
    expect(splitAnswer(Buffer.concat([data, trailers]))).toEqual({
      data,
      messages: 2,
      trailers: { 'grpc-status': ['0'], 'grpc-message': ['all%20good'], 'a-bin': ['AAE', 'Ag'] },
    });
  });

  it('may be trailers alone, or have none', () => {
    expect(splitAnswer(trailerFrame('grpc-status:5'))).toMatchObject({
      messages: 0,
      trailers: { 'grpc-status': ['5'] },
    });
    expect(splitAnswer(frame('x'))).toMatchObject({ messages: 1, trailers: null });
  });

  it('takes names of every object for names', () => {
    const trailers = splitAnswer(trailerFrame('__proto__:x', 'constructor:y'))?.trailers ?? {};
    expect(Object.entries(trailers)).toEqual([
      ['__proto__', ['x']],
      ['constructor', ['y']],
    ]);
  });

  it.each([
    ['half a prefix', frame('x').subarray(0, 4)],
    ['a message cut short', frame('xyz').subarray(0, 6)],
    ['trailers cut short', trailerFrame('grpc-status:0').subarray(0, 12)],
    ['a second block of trailers', Buffer.concat([trailerFrame('a:b'), trailerFrame('a:b')])],
    ['a message after the trailers', Buffer.concat([trailerFrame('a:b'), frame('x')])],
    ['a compressed message', frame('x', 0x01)],
    ['compressed trailers', frame('a:b\r\n', 0x81)],
    ['HTML', Buffer.from('<!doctype html><title>Error</title>')],
    ['a trailer without a colon', trailerFrame('grpc-status 0')],
    ['a trailer without a name', trailerFrame(':0')],
    ['a trailer with a space in its name', trailerFrame('grpc status:0')],
    ['a trailer with a control character', trailerFrame('grpc-message:a\u0001')],
    ['a trailer with a bare line feed', trailerFrame('grpc-message:a\nb:c')],
    ['a trailer that is not ASCII', trailerFrame('grpc-message:grün')],
  ])('is malformed with %s', (_, body) => {
    expect(splitAnswer(body)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => splitAnswer(Buffer.from(bytes))).not.toThrow();
        expect(() => splitAnswer(frame(bytes, 0x80))).not.toThrow();
      }),
    );
  });
});
