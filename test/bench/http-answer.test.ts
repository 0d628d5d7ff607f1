// Answers of HTTP/1.1 as they come in: whole, in pieces, with and without a length.
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../bench/lib/http-answer.ts';

const SIZED = 'HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n';

function parse(message: string) {
  return parseAnswer(Buffer.from(message));
}

describe('an answer', () => {
  it('is told by its length', () => {
    expect(parse(SIZED)).toEqual({ status: 201, body: 'hello' });
  });

  it('is told by its chunks', () => {
    expect(parse(CHUNKED)).toEqual({ status: 200, body: 'hello world' });
  });

  it.each([204, 304])('of status %d has no body', (status) => {
    expect(parse(`HTTP/1.1 ${status} X\r\n\r\n`)).toEqual({ status, body: '' });
  });

  it('counts bytes, not letters', () => {
    expect(parse('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\né')?.body).toBe('é');
  });

  it.each([
    ['by length', SIZED],
    ['by chunks', CHUNKED],
  ])('is waited for to its last byte: %s', (_, message) => {
    for (let length = 0; length < message.length; length += 1) {
      expect(parse(message.slice(0, length))).toBeNull();
    }
  });

  it('does not end at a chunk that looks like the last one', () => {
    const body = 'a\r\n0\r\n\r\n';
    const first = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n${body}`;
    expect(parse(first)).toBeNull();
    expect(parse(`${first}\r\n0\r\n\r\n`)?.body).toBe(body);
  });

  it('of unknown length is refused', () => {
    expect(() => parse('HTTP/1.1 200 OK\r\n\r\nhello')).toThrow('unknown length');
  });
});
