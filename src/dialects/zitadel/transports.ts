// The transports of ZITADEL's service, and the words of each for what the app refuses.
import type { AppContext, Refusal, Routes } from '../../wire/dialect.ts';
import { readDeadline } from './deadline.ts';
import { RPC_PREFIX, readRpcMedia } from './media.ts';
import { mountRest } from './rest.ts';
import { refuseRest } from './rest-answer.ts';
import { mountRpc, refuseRpc } from './rpc.ts';

export { readDeadline };

export function mount(routes: Routes): void {
  mountRpc(routes, refuse);
  mountRest(routes, refuse);
}

/** In the words of the transport that the request came by. */
export function refuse(c: AppContext, refusal: Refusal): Response {
  const media = readRpcMedia(c.req.header('content-type'));
  const isRpc = media?.protocol === 'grpc-web' || c.req.path.startsWith(RPC_PREFIX);
  return media !== null && isRpc ? refuseRpc(c, media, refusal) : refuseRest(c, refusal);
}
