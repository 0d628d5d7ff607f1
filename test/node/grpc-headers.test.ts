// What of a call's headers goes through the gRPC bridge, and what its deadline, its type and its path may be.
import { describe, expect, it } from 'vitest';
import {
  flattenMetadata,
  formatTimeout,
  isRpcPath,
  parseTimeout,
  passAnswerHeaders,
  passRequestHeaders,
  passTrailers,
  readCodec,
  readWebCodec,
} from '../../src/node/grpc-headers.ts';

describe('from client to Worker', () => {
  it('passes metadata on as it is', () => {
    const metadata = {
      authorization: 'Bearer x',
      'user-agent': 'grpc-node-js/1.14.7',
      'x-zitadel-orgid': 'acme',
      'accept-language': 'de',
      'trace-bin': 'AAE, Ag==',
      traceparent: '00-1-2-01',
    };
    const passed = passRequestHeaders({ ':path': '/', ':authority': 'x', ...metadata });
    expect(flattenMetadata(passed)).toEqual(metadata);
  });

  it.each([
    'connection',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
    'proxy-authorization',
    'proxy-connection',
    'host',
    'expect',
    'content-length',
    'content-encoding',
    'accept-encoding',
    'content-type',
    'grpc-encoding',
    'grpc-accept-encoding',
    'grpc-timeout',
    'x-grpc-web',
    'cf-connecting-ip',
    'cf-ipcountry',
    'cf-ray',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'forwarded',
    'via',
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
  ])('drops %s', (name) => {
    expect(passRequestHeaders({ [name]: 'x', 'x-kept': 'y' })).toEqual({ 'x-kept': ['y'] });
  });
});

describe('from Worker to client', () => {
  it('passes metadata on as it is', () => {
    const metadata = {
      'server-timing': ['trips;desc="2"'],
      'retry-after': ['5'],
      'x-request-id': ['1'],
      'www-authenticate': ['Bearer'],
      'extra-bin': ['AAE='],
    };
    expect(passAnswerHeaders(metadata)).toEqual(metadata);
  });

  it.each([
    'connection',
    'keep-alive',
    'transfer-encoding',
    'content-length',
    'content-encoding',
    'content-type',
    'alt-svc',
    'grpc-status',
    'grpc-message',
    'grpc-encoding',
  ])('drops %s', (name) => {
    expect(passAnswerHeaders({ [name]: ['x'], 'x-kept': ['y'] })).toEqual({ 'x-kept': ['y'] });
  });

  it('drops what the connection header names, and what is no metadata', () => {
    const headers = { connection: ['close, X-Hop'], 'x-hop': ['1'], 'x-latin': ['gr\u00fcn'] };
    expect(passAnswerHeaders({ ...headers, 'x-kept': ['y'] })).toEqual({ 'x-kept': ['y'] });
  });

  it('keeps the status among the trailers, and nothing of the connection', () => {
    const trailers = { 'grpc-status': ['3'], 'grpc-message': ['a%20b'], 'x-more': ['1'] };
    expect(passTrailers({ ...trailers, connection: ['close'], te: ['x'] })).toEqual(trailers);
  });

  it('joins values, but for cookies', () => {
    expect(flattenMetadata({ 'x-a': ['1', '2'], 'set-cookie': ['a=1', 'b=2'] })).toEqual({
      'x-a': '1, 2',
      'set-cookie': ['a=1', 'b=2'],
    });
  });
});

describe('a deadline', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['4m', 4],
    ['5000u', 5],
    ['6000000n', 6],
    ['0S', 0],
    ['00000001S', 1000],
    ['99999999H', 359_999_996_400_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseTimeout(text)).toBeCloseTo(milliseconds, 9);
  });

  it.each([
    '',
    'S',
    '1',
    '1s',
    '1h',
    '-1S',
    '+1S',
    '1.5S',
    ' 1S',
    '1S ',
    '1S, 1S',
    '123456789S',
    '0x1S',
  ])('refuses "%s"', (text) => {
    expect(parseTimeout(text)).toBe('malformed');
  });

  it('may be missing', () => {
    expect(parseTimeout(undefined)).toBeNull();
  });

  it('is written so that the Worker reads no less than is left', () => {
    expect(['0.2', '1', '1234.5'].map((left) => formatTimeout(Number(left)))).toEqual([
      '1m',
      '1m',
      '1235m',
    ]);
  });
});

describe('a content type', () => {
  it.each([
    ['application/grpc', 'proto'],
    ['application/grpc+proto', 'proto'],
    ['Application/gRPC+Proto', 'proto'],
    ['application/grpc+json', 'json'],
    ['application/grpc;charset=utf-8', 'proto'],
    ['application/grpc+xml', null],
    ['application/grpc-web', null],
    ['application/grpc-web+proto', null],
    ['application/grpcx', null],
    ['application/json', null],
    [undefined, null],
  ])('%s is of %s', (contentType, codec) => {
    expect(readCodec(contentType)).toBe(codec);
  });

  it.each([
    ['application/grpc-web', 'proto'],
    ['application/grpc-web+proto', 'proto'],
    ['application/grpc-web+json; charset=utf-8', 'json'],
    ['application/grpc-web-text', null],
    ['application/grpc+proto', null],
    ['text/html', null],
  ])('of an answer, %s is of %s', (contentType, codec) => {
    expect(readWebCodec(contentType)).toBe(codec);
  });
});

describe('a path', () => {
  it.each([
    '/zitadel.user.v2.UserService/SetPassword',
    '/grpc.health.v1.Health/Check',
    '/v2/users/user%201/password',
  ])('%s is passed on', (path) => {
    expect(isRpcPath(path)).toBe(true);
  });

  it.each([
    '/',
    '',
    '*',
    '/admin/tenants',
    '/user-authentication',
    '/user-refresh-tokens',
    '/v1/changePassword',
    '/v2/users/a/b/password',
    '/v2/users/a/password?x=y',
    '/v2/users//password',
    '/v2/users/gr\u00fcn/password',
    '/v2/users/a b/password',
    '/UserService/SetPassword',
    '/a.B/C/',
    '/a.B/../admin',
    '//a.B/C',
    '/a..B/C',
    'http://elsewhere.example/a.B/C',
  ])('%s is not', (path) => {
    expect(isRpcPath(path)).toBe(false);
  });
});
