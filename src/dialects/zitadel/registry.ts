// Reads descriptors.bin, as npm run descriptors writes it: JSON of files as google/protobuf/descriptor.proto has them, with
// the options that we read as fields of their own. As bytes of that file's messages it would be longer, and the library's
// schema of them, which nothing else needs, would come on top.
import {
  createFileRegistry,
  type DescField,
  type DescMethod,
  type DescOneof,
  type FileRegistry,
} from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import type { FileDescriptorProto, FileDescriptorSet } from '@bufbuild/protobuf/wkt';

/** Whatever is the usual is left out, and read as it would be by the library. */
export interface StoredFile {
  readonly name: string;
  readonly package: string;
  readonly messageType?: readonly StoredMessage[] | undefined;
  readonly enumType?: readonly StoredEnum[] | undefined;
  readonly service?: readonly StoredService[] | undefined;
}

export interface StoredMessage {
  readonly name: string;
  readonly field?: readonly StoredField[] | undefined;
  readonly nestedType?: readonly StoredMessage[] | undefined;
  readonly enumType?: readonly StoredEnum[] | undefined;
  readonly oneofDecl?: readonly StoredOneof[] | undefined;
  readonly options?: { readonly mapEntry: true } | undefined;
}

export interface StoredField {
  readonly name: string;
  readonly number: number;
  readonly type: number;
  readonly label?: number | undefined;
  readonly typeName?: string | undefined;
  readonly oneofIndex?: number | undefined;
  readonly proto3Optional?: true | undefined;
  readonly jsonName?: string | undefined;
  readonly rules?: FieldRules | undefined;
}

/** Of protoc-gen-validate's rules those that the services have, and we check. */
export interface FieldRules {
  readonly message?: { readonly required?: boolean };
  readonly bool?: { readonly const?: boolean };
  readonly string?: LengthRules & { readonly ignoreEmpty?: boolean; readonly email?: boolean };
  readonly bytes?: LengthRules;
  readonly enum?: { readonly definedOnly?: boolean; readonly notIn?: readonly number[] };
  readonly duration?: { readonly gt?: '0s' };
}

export interface LengthRules {
  readonly minLen?: number;
  readonly maxLen?: number;
}

export interface StoredOneof {
  readonly name: string;
  /** Whether one arm must be set. */
  readonly required?: true | undefined;
}

export interface StoredEnum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

export interface StoredService {
  readonly name: string;
  readonly method: readonly StoredMethod[];
}

export interface StoredMethod {
  readonly name: string;
  readonly inputType?: string | undefined;
  readonly outputType?: string | undefined;
  readonly http?: HttpRule | undefined;
  /** The HTTP status of its success. */
  readonly status?: number | undefined;
}

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRule {
  readonly verb: Verb;
  /** "/v2/users/{user_id}" */
  readonly template: string;
  /** Whether the request's body is the message; if not, the query is. */
  readonly hasBody: boolean;
}

/** Of methods that are only named. */
const NO_MESSAGE = '.google.protobuf.Empty';
const LABEL_OPTIONAL = 1;

export function readRegistry(bytes: Uint8Array): FileRegistry {
  const files = JSON.parse(new TextDecoder().decode(bytes)) as readonly StoredFile[];
  const file = files.map(restoreFile) as unknown as FileDescriptorProto[];
  const $typeName: FileDescriptorSet['$typeName'] = 'google.protobuf.FileDescriptorSet';
  return createFileRegistry({ $typeName, file });
}

export function readRules(field: DescField): FieldRules | null {
  return (field.proto as unknown as StoredField).rules ?? null;
}

export function isRequired(oneof: DescOneof): boolean {
  return (oneof.proto as unknown as StoredOneof).required === true;
}

/** What the vendor's options say of the method over HTTP. */
export function readHttp(method: DescMethod): Pick<StoredMethod, 'http' | 'status'> {
  return method.proto as unknown as StoredMethod;
}

function restoreFile({ messageType = [], enumType = [], service = [], ...file }: StoredFile) {
  return {
    ...file,
    syntax: 'proto3',
    dependency: [],
    extension: [],
    messageType: messageType.map(restoreMessage),
    enumType,
    service: service.map(({ name, method }) => ({ name, method: method.map(restoreMethod) })),
  };
}

function restoreMessage(message: StoredMessage): object {
  const { field = [], nestedType = [], enumType = [], oneofDecl = [] } = message;
  return {
    ...message,
    field: field.map(restoreField),
    nestedType: nestedType.map(restoreMessage),
    enumType,
    oneofDecl,
    extension: [],
  };
}

function restoreField(field: StoredField) {
  return { label: LABEL_OPTIONAL, jsonName: protoCamelCase(field.name), ...field };
}

function restoreMethod(method: StoredMethod) {
  return { inputType: NO_MESSAGE, outputType: NO_MESSAGE, ...method };
}
