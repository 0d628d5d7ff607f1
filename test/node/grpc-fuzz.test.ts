// Whatever bytes and headers come to the gRPC bridge, from either side: each parser says what it is, or that it is none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage, splitAnswer } from '../../src/node/grpc-frames.ts';
import {
  flattenMetadata,
  isRpcPath,
  measureHeaders,
  parseTimeout,
  passAnswerHeaders,
  passRequestHeaders,
  readCodec,
  readWebCodec,
} from '../../src/node/grpc-headers.ts';
import { translateOutcome } from '../../src/node/grpc-reply.ts';
import { allow, fuzz } from '../fuzz/budget.ts';
import { anyText, nearly, spoil } from '../fuzz/mutations.ts';
import { frame, trailerFrame } from '../support/upstream.ts';

const SHARE = 0.04;
const OPTIONS = { runs: 300, share: SHARE };
const TIMEOUT = allow(SHARE);
const MAX_BYTES = 64;

const REQUEST = new Uint8Array(frame('a message'));
const ANSWER = new Uint8Array(
  Buffer.concat([frame('an answer'), trailerFrame('grpc-status:0', 'grpc-message:ok')]),
);
/** No header is another one's name spelt otherwise. */
const names = nearly('grpc-timeout', 'x-forwarded-for', 'cf-connecting-ip', '__proto__', ':path');
const headers = fc
  .array(fc.tuple(names, fc.oneof(anyText, fc.array(anyText, { maxLength: 3 }))), { maxLength: 6 })
  .map((entries) =>
    Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value])),
  );

describe('no bytes are too much for', () => {
  it(
    'the reader of a request, however it is cut',
    () =>
      fuzz(fc.tuple(spoil, fc.array(fc.nat(40), { maxLength: 6 })), OPTIONS, ([change, sizes]) => {
        const body = Buffer.from(change(REQUEST));
        const reader = readMessage(MAX_BYTES);
        let fault = null;
        let start = 0;
        for (const size of [...sizes, body.length]) {
          // Nothing is added once it was refused.
          if (fault === null) fault = reader.add(body.subarray(start, start + size));
          start += size;
        }
        const read = fault ?? reader.finish();
        if ('code' in read) expect(read.code).toBeGreaterThan(0);
        else expect(read.length).toBeLessThanOrEqual(MAX_BYTES + 5);
      }),
    TIMEOUT,
  );

  it(
    'the reader of an answer',
    () =>
      fuzz(spoil, OPTIONS, (change) => {
        const body = Buffer.from(change(ANSWER));
        const answer = splitAnswer(body);
        if (answer !== null) expect(answer.data.length).toBeLessThanOrEqual(body.length);
      }),
    TIMEOUT,
  );

  it(
    'what makes a reply of an answer',
    () => {
      const types = nearly('application/grpc-web+proto', 'application/grpc-web+json');
      const inputs = fc.tuple(spoil, types, fc.constantFrom(200, 204, 400, 404, 500, 503), headers);
      return fuzz(inputs, OPTIONS, ([change, type, status, more]) => {
        const lists = Object.entries(more).map(([name, value]) => [name, [value].flat()]);
        const outcome = {
          status,
          headers: { ...Object.fromEntries(lists), 'content-type': [type] },
          body: Buffer.from(change(ANSWER)),
        };
        const { trailers } = translateOutcome(outcome, 'proto');
        // Always one, and none but those that there are.
        const [code, ...others] = trailers['grpc-status'] ?? [];
        expect([others, Number(code) >= 0, Number(code) <= 16]).toEqual([[], true, true]);
      });
    },
    TIMEOUT,
  );
});

describe('no text is too much for the parser of', () => {
  it(
    'headers, and no address comes through',
    () =>
      fuzz(headers, OPTIONS, (given) => {
        const passed = passRequestHeaders(given);
        const flat = flattenMetadata(passAnswerHeaders(passed));
        for (const name of [...Object.keys(passed), ...Object.keys(flat)]) {
          expect(name).not.toMatch(/^(?::|cf-|x-forwarded-|grpc-timeout$|te$|connection$)/);
        }
        expect(measureHeaders(given)).toBeGreaterThanOrEqual(0);
      }),
    TIMEOUT,
  );

  it(
    'paths',
    () =>
      fuzz(
        nearly('/zitadel.user.v2.UserService/SetPassword', '/v2/users/a/password'),
        OPTIONS,
        (path) => {
          if (isRpcPath(path)) expect(path).toMatch(/^\/[\x21-\x7e]+$/);
        },
      ),
    TIMEOUT,
  );

  it(
    'timeouts and content types',
    () =>
      fuzz(nearly('99999999H', '1n', 'application/grpc+proto; a=b'), OPTIONS, (text) => {
        const timeout = parseTimeout(text);
        expect(timeout === 'malformed' || (timeout !== null && timeout >= 0)).toBe(true);
        for (const codec of [readCodec(text), readWebCodec(text)]) {
          expect([null, 'proto', 'json']).toContain(codec);
        }
      }),
    TIMEOUT,
  );
});
