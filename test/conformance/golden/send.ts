// One request, its header lines as they are given and no others but those that HTTP needs, and its answer.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** fetch would add a User-Agent, and join headers that are given twice. */
export async function send(url: string, sent: Sent): Promise<Answer> {
  const { host, hostname, port } = new URL(url);
  const { method, path, body } = sent;
  const isGiven = (wanted: string) => sent.headers.some(([name]) => name.toLowerCase() === wanted);
  const length = String(Buffer.byteLength(body));
  const headers = [
    ...(isGiven('host') ? [] : ['Host', host]),
    ...sent.headers.flat(),
    ...(method === 'GET' ? [] : ['Content-Length', length]),
    ...['Connection', 'close'],
  ];
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path, headers }, async (incoming) => {
      const pairs = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const { statusCode: status = 0 } = incoming;
      resolve({ status, headers: new Headers(pairs), body: await text(incoming) });
    })
      .on('error', reject)
      .end(body);
  });
}
