// The clients of the Connect family, the vendor's own among them: one interface, eight ways over the wire.
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type JsonValue,
  toJson,
} from '@bufbuild/protobuf';
import { ConnectError, type Transport } from '@connectrpc/connect';
import * as node from '@connectrpc/connect-node';
import * as web from '@connectrpc/connect-web';
import { createServerTransport } from '@zitadel/client/node';
import { createClientTransport } from '@zitadel/client/web';
import {
  type CallOptions,
  type Client,
  DETAIL_SCHEMAS,
  describeDetail,
  listHeaders,
  type Reply,
} from './client.ts';

export function makeConnectClients(url: string, grpcUrl: string): Client[] {
  const http1 = { baseUrl: url, httpVersion: '1.1' } as const;
  return [
    make('Connect JSON, connect-node', () => node.createConnectTransport(http1)),
    make('Connect binary, connect-node', () =>
      node.createConnectTransport({ ...http1, useBinaryFormat: true }),
    ),
    make('gRPC-Web, connect-node', () => node.createGrpcWebTransport(http1)),
    make('gRPC, connect-node', () => node.createGrpcTransport({ baseUrl: grpcUrl })),
    make('Connect JSON, connect-web', () => web.createConnectTransport({ baseUrl: url })),
    make('Connect binary, connect-web', () =>
      web.createConnectTransport({ baseUrl: url, useBinaryFormat: true }),
    ),
    make('gRPC-Web, connect-web', () => web.createGrpcWebTransport({ baseUrl: url })),
    make('gRPC-Web JSON, connect-web', () =>
      web.createGrpcWebTransport({ baseUrl: url, useBinaryFormat: false }),
    ),
    makeVendor('gRPC, @zitadel/client/node', (token) =>
      createServerTransport(token, { baseUrl: grpcUrl }),
    ),
    makeVendor('gRPC-Web, @zitadel/client/web', (token) =>
      createClientTransport(token, { baseUrl: url }),
    ),
  ];
}

function make(name: string, open: () => Transport): Client {
  const transport = open();
  return {
    name,
    alwaysBearer: false,
    call: (method, request, options) => call(transport, method, request, listHeaders(options)),
  };
}

/** They put the token in themselves. */
function makeVendor(name: string, open: (token: string) => Transport): Client {
  return {
    name,
    alwaysBearer: true,
    call: (method, request, { token, headers }: CallOptions) =>
      call(open(token ?? ''), method, request, headers ?? {}),
  };
}

async function call(
  transport: Transport,
  method: DescMethodUnary,
  request: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const message = create(method.input, request);
  try {
    const answer = await transport.unary(method, undefined, undefined, headers, message);
    return {
      ok: true,
      value: toJson(method.output, answer.message) as Record<string, JsonValue>,
      headers: new Headers([...answer.header, ...answer.trailer]),
    };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const details = DETAIL_SCHEMAS.flatMap((schema: DescMessage) =>
      error.findDetails(schema).map((one) => describeDetail(schema, one)),
    );
    return {
      ok: false,
      code: error.code,
      message: error.rawMessage,
      details,
      headers: error.metadata,
    };
  }
}
