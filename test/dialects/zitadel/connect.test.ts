// Errors to the byte: held against the encoders of Connect's own library.
import { ConnectError } from '@connectrpc/connect';
import { errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc-web';
import { expect, it } from 'vitest';
import { answerRpcError } from '../../../src/dialects/zitadel/connect.ts';
import { describeError } from '../../../src/dialects/zitadel/error-answer.ts';
import { CODES, MALFORMED, type ZitadelError } from '../../../src/dialects/zitadel/failure.ts';
import { splitFrames } from '../../support/zitadel-doors.ts';

const ERRORS: readonly ZitadelError[] = [
  ...Object.values(CODES).map((code) => ({ ...MALFORMED, code })),
  { code: CODES.notFound, id: 'QUERY-Dfbg2', text: 'User could not be found' },
  { code: CODES.invalidArgument, id: 'COMMAND-x', text: 'zu wenig Ä, 100 % 🔑' },
  { code: CODES.invalidArgument, id: 'COMMAND-x', text: 'wrong', failedAttempts: 3 },
  {
    code: CODES.invalidArgument,
    id: 'COMMAND-x',
    text: 'broken',
    violations: [{ rule: 'too-short', min: 15, detail: 'too short' }],
  },
];

function ofLibrary(error: ZitadelError): ConnectError {
  const { code, message, details } = describeError(error, null);
  return new ConnectError(message, code, undefined, [...details]);
}

it.each(ERRORS)('$code $text is what the library writes', async (error) => {
  const media = { codec: 'proto', isText: false } as const;
  const connect = answerRpcError({ ...media, protocol: 'connect' }, error, null);
  expect(await connect.text()).toBe(
    new TextDecoder().decode(errorToJsonBytes(ofLibrary(error), undefined)),
  );
  const grpcWeb = answerRpcError({ ...media, protocol: 'grpc-web' }, error, null);
  const [frame, ...others] = splitFrames(new Uint8Array(await grpcWeb.arrayBuffer()));
  expect(others).toEqual([]);
  const lines = new TextDecoder().decode(frame?.data).split('\r\n').slice(0, -1);
  const trailers = lines.map((line) => /^([^:]+):(.*)$/.exec(line)?.slice(1) ?? []);
  const theirs = [...setTrailerStatus(new Headers(), ofLibrary(error))];
  expect(trailers.map(([name, value = '']) => [name, decodeURIComponent(value)])).toEqual(
    theirs.map(([name, value]) => [name, decodeURIComponent(value)]),
  );
});
