// What workerd has and Node has not, or has otherwise. Once per process.
import { setImmediate, setTimeout } from 'node:timers/promises';

Object.defineProperty(globalThis, 'scheduler', {
  value: { wait: (ms: number) => (ms === 0 ? setImmediate() : setTimeout(ms)) },
});

/** Node wants to be told that a stream is sent while the answer comes. */
globalThis.Request = class extends Request {
  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    const streamed = init.body instanceof ReadableStream ? { duplex: 'half' } : {};
    super(input, { ...init, ...streamed });
  }
} as typeof Request;

/** A line a request is too much to be shown. */
console.info = () => undefined;
