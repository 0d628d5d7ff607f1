// What every client is to a scenario, whatever its transport: one call, and what came of it in the same words.
import {
  createRegistry,
  type DescMessage,
  type DescMethodUnary,
  type JsonValue,
  type Message,
  toJson,
} from '@bufbuild/protobuf';
import { StructSchema } from '@bufbuild/protobuf/wkt';
import {
  CredentialsCheckErrorSchema,
  ErrorDetailSchema,
} from '@zitadel/proto/zitadel/message_pb.js';

/** Of errors. */
export const DETAIL_SCHEMAS = [
  ErrorDetailSchema,
  CredentialsCheckErrorSchema,
  StructSchema,
] as const;
export const DETAILS = createRegistry(...DETAIL_SCHEMAS);

export type Detail = { readonly type: string } & Readonly<Record<string, JsonValue>>;

export type Reply =
  | { readonly ok: true; readonly value: Record<string, JsonValue>; readonly headers: Headers }
  | {
      readonly ok: false;
      /** gRPC's number. */
      readonly code: number;
      readonly message: string;
      readonly details: readonly Detail[];
      readonly headers: Headers;
    };

export interface CallOptions {
  /** null: no Authorization header at all. */
  readonly token: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Client {
  readonly name: string;
  /** The vendor's clients cannot call without a Bearer token, nor send another header of that name. */
  readonly alwaysBearer: boolean;
  /** `request`: what protobuf's `create` takes. */
  readonly call: (
    method: DescMethodUnary,
    request: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ) => Promise<Reply>;
}

export function listHeaders({ token, headers }: CallOptions): Record<string, string> {
  return { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers };
}

export function describeDetail(schema: DescMessage, message: Message): Detail {
  const fields = toJson(schema, message) as Record<string, JsonValue>;
  return { type: schema.typeName, ...fields };
}
