// The REST transport, transcoded from the descriptors with protobuf's JSON mapping: path, query and body into the
// method's message, its answer or error into grpc-gateway's JSON.
import type { Message } from '@bufbuild/protobuf';
import { type AppContext, addPath, type RoutedDialect, type Routes } from '../../wire/dialect.ts';
import { hasCleanPath } from '../../wire/sent-path.ts';
import { type Binding, listBindings } from './bindings.ts';
import { bindPath, decodeMessage } from './decode.ts';
import { readSuccessStatus } from './descriptors.ts';
import { MALFORMED } from './failure.ts';
import { findFault, invoke } from './invoke.ts';
import { readRpcMedia } from './media.ts';
import { decodeQuery } from './query.ts';
import type { Verb } from './registry.ts';
import { answer, answerError, answerWrongMediaType } from './rest-answer.ts';
import { serveRpc } from './rpc.ts';
import { toJson } from './to-json.ts';

type Handler = (c: AppContext) => Promise<Response>;

/** Mounts every method that has an HTTP binding, one path with all its verbs at a time. */
export function mountRest(routes: Routes, refuse: RoutedDialect['refuse']): void {
  const paths = new Map<string, Partial<Record<Verb, readonly Handler[]>>>();
  for (const binding of listBindings()) {
    const verbs = paths.get(binding.template) ?? {};
    verbs[binding.verb] = [(c) => serve(c, binding)];
    paths.set(binding.template, verbs);
  }
  for (const [template, verbs] of paths) {
    addPath(routes, template.replaceAll(/\{(\w+)\}/g, ':$1'), verbs, refuse);
  }
}

async function serve(c: AppContext, binding: Binding): Promise<Response> {
  const { method } = binding;
  const type = c.req.header('content-type');
  const media = readRpcMedia(type);
  if (media?.protocol === 'grpc-web') return serveRpc(c, method, media, c.req.param());
  // Whatever else it says, a body is read as JSON, save for the framings that it could be mistaken for.
  if (/^application\/(?:grpc|proto|connect)/i.test(type ?? '')) return answerWrongMediaType(c);
  const { headers } = c.req.raw;
  const fault = findFault(method, headers);
  if (fault !== null) return answerError(c, fault);
  const request = await readMessage(c, binding);
  if (request === null) return answerError(c, MALFORMED);
  const result = await invoke(method, bindPath(method.input, request, c.req.param()), {
    gateway: c.env.gateway,
    headers,
  });
  if (!result.ok) return answerError(c, result.failure);
  return answer(c, readSuccessStatus(method), toJson(method.output, result.value));
}

/** null for a request that is no message of the method. No body at all is an empty message. */
async function readMessage(c: AppContext, { method, hasBody }: Binding): Promise<Message | null> {
  if (!hasCleanPath(c.req.url)) return null;
  if (!hasBody) return decodeQuery(method.input, new URL(c.req.url).search);
  const bytes = new Uint8Array(await c.req.raw.arrayBuffer());
  return decodeMessage(method.input, 'json', bytes.length === 0 ? EMPTY_OBJECT : bytes);
}

const EMPTY_OBJECT = new TextEncoder().encode('{}');
