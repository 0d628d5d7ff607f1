// The client of grpc-js, which shares no code with Connect's.
import {
  create,
  type DescMethodUnary,
  fromBinary,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { credentials, Client as GrpcClient, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type Client, listHeaders, type Reply } from './client.ts';
import { readStatusDetails } from './status.ts';

export function makeGrpcJsClient(grpcUrl: string): Client & { readonly close: () => void } {
  const client = new GrpcClient(new URL(grpcUrl).host, credentials.createInsecure());
  return {
    name: 'gRPC, grpc-js',
    alwaysBearer: false,
    close: () => client.close(),
    call: (method, request, options) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(listHeaders(options))) metadata.set(name, value);
      return call(client, method, request, metadata);
    },
  };
}

function call(
  client: GrpcClient,
  method: DescMethodUnary,
  request: Readonly<Record<string, unknown>>,
  metadata: Metadata,
): Promise<Reply> {
  return new Promise((resolve) => {
    const headers = new Headers();
    const note = (more: Metadata) => {
      for (const [name, value] of Object.entries(more.getMap())) {
        // Bytes are no text of a header.
        if (!name.endsWith('-bin')) headers.set(name, String(value));
      }
    };
    const going = client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (message: Uint8Array) => Buffer.from(message),
      (bytes: Buffer) => bytes,
      toBinary(method.input, create(method.input, request)),
      metadata,
      (error: ServiceError | null, bytes?: Buffer) => {
        if (error === null && bytes !== undefined) {
          const value = toJson(method.output, fromBinary(method.output, bytes));
          resolve({ ok: true, value: value as Record<string, JsonValue>, headers });
          return;
        }
        if (error === null) throw new Error('neither an answer nor an error');
        note(error.metadata);
        const { code, details: message } = error;
        const details = error.metadata
          .get('grpc-status-details-bin')
          .flatMap((status) => readStatusDetails(Buffer.from(status)));
        resolve({ ok: false, code, message, details, headers });
      },
    );
    going.on('metadata', note);
  });
}
