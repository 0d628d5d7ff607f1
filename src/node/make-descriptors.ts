// npm run descriptors: the vendor's descriptors of the services that we speak, without their documentation, as JSON that
// src/dialects/zitadel/registry.ts reads. The package's own modules would be half of the Worker's bundle, and most of that
// is prose.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  getOption,
  hasOption,
  type JsonObject,
  toJson,
} from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  FieldDescriptorProto_Label,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
} from '@bufbuild/protobuf/wkt';
import { http } from '@zitadel/proto/google/api/annotations_pb.js';
import { FieldRulesSchema, required, rules } from '@zitadel/proto/validate/validate_pb.js';
import { file_zitadel_message } from '@zitadel/proto/zitadel/message_pb.js';
import { options as zitadelOptions } from '@zitadel/proto/zitadel/protoc_gen_zitadel/v2/options_pb.js';
import { file_zitadel_session_v2_session_service } from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import { file_zitadel_settings_v2_settings_service } from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import { file_zitadel_user_v2_user_service } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type {
  FieldRules,
  HttpRule,
  StoredEnum,
  StoredField,
  StoredFile,
  StoredMessage,
  StoredMethod,
  Verb,
} from '../dialects/zitadel/registry.ts';
import { REPOSITORY } from './state.ts';

const ROOTS = [
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_zitadel_message,
  file_zitadel_user_v2_user_service,
  file_zitadel_session_v2_session_service,
  file_zitadel_settings_v2_settings_service,
];

/** Methods that are only named have no message, and errors and times are spoken of by no method. */
const ROOT_TYPES = [
  'google.protobuf.Empty',
  'google.protobuf.Struct',
  'google.protobuf.Timestamp',
  'zitadel.v1.ErrorDetail',
  'zitadel.v1.CredentialsCheckError',
];

/** The field rules that the Worker checks. */
const KEPT_RULES: Readonly<Record<keyof FieldRules, readonly string[]>> = {
  message: ['required'],
  bool: ['const'],
  string: ['minLen', 'maxLen', 'ignoreEmpty', 'email'],
  bytes: ['minLen', 'maxLen'],
  enum: ['definedOnly', 'notIn'],
  duration: ['gt'],
};

/** The methods whose messages are kept; all others are only named, so that they can be refused by name. */
const SERVED: Readonly<Record<string, readonly string[]>> = {
  'zitadel.user.v2.UserService': [
    'AddHumanUser',
    'CreateUser',
    'GetUserByID',
    'ListUsers',
    'UpdateUser',
    'UpdateHumanUser',
    'DeactivateUser',
    'ReactivateUser',
    'LockUser',
    'UnlockUser',
    'DeleteUser',
    'PasswordReset',
    'SetPassword',
  ],
  'zitadel.session.v2.SessionService': [
    'ListSessions',
    'GetSession',
    'CreateSession',
    'SetSession',
    'DeleteSession',
  ],
  'zitadel.settings.v2.SettingsService': [
    'GetPasswordComplexitySettings',
    'GetPasswordExpirySettings',
    'GetLockoutSettings',
    'GetSecuritySettings',
  ],
};

export function makeDescriptors(): Uint8Array {
  const files = listFiles(ROOTS);
  const needed = findNeeded(files);
  const stored = files.map((file) => describeFile(file, needed)).filter(isOfUse);
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** Each file once, after those that it needs. */
function listFiles(roots: readonly DescFile[]): DescFile[] {
  const files = new Set<DescFile>();
  const visit = (file: DescFile) => {
    file.dependencies.forEach(visit);
    files.add(file);
  };
  roots.forEach(visit);
  return [...files];
}

type Type = DescMessage | DescEnum;

/** The types that the served methods speak of, each by the outermost one that it is in. */
function findNeeded(files: readonly DescFile[]): ReadonlySet<Type> {
  const needed = new Set<Type>();
  const need = (type: Type) => {
    if (type.parent !== undefined) return need(type.parent);
    if (needed.has(type)) return;
    needed.add(type);
    if (type.kind === 'message') listTypes(type).forEach(need);
  };
  for (const file of files) {
    file.messages.filter(({ typeName }) => ROOT_TYPES.includes(typeName)).forEach(need);
    for (const method of file.services.flatMap(({ methods }) => methods)) {
      if (isServed(method)) [method.input, method.output].forEach(need);
    }
  }
  return needed;
}

function isServed({ parent, name }: DescMethod): boolean {
  return SERVED[parent.typeName]?.includes(name) ?? false;
}

/** The types of the message's fields, those of the messages inside it included. */
function listTypes({ fields, nestedMessages }: DescMessage): Type[] {
  const own = fields.flatMap(({ message, enum: names }) => message ?? names ?? []);
  return [...own, ...nestedMessages.flatMap(listTypes)];
}

function describeFile(file: DescFile, needed: ReadonlySet<Type>): StoredFile {
  return {
    name: file.proto.name,
    package: file.proto.package,
    messageType: some(file.messages.filter((type) => needed.has(type)).map(describeMessage)),
    enumType: some(file.enums.filter((type) => needed.has(type)).map(describeEnum)),
    service: some(
      file.services.map(({ name, methods }) => ({ name, method: methods.map(describeMethod) })),
    ),
  };
}

function isOfUse({ messageType, enumType, service }: StoredFile): boolean {
  return [messageType, enumType, service].some((types) => types !== undefined);
}

/** JSON leaves out what is undefined. */
function some<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}

function describeMessage(message: DescMessage): StoredMessage {
  const { fields, oneofs, nestedMessages, nestedEnums, proto } = message;
  const entries = proto.nestedType.filter(({ options }) => options?.mapEntry);
  return {
    name: message.name,
    field: some(fields.map(describeField)),
    oneofDecl: some(
      oneofs.map((oneof) => ({
        name: oneof.name,
        required: getOption(oneof, required) || undefined,
      })),
    ),
    nestedType: some([
      ...nestedMessages.map(describeMessage),
      ...entries.map(({ name, field }) => ({
        name,
        field: field.map(describeProto),
        options: { mapEntry: true } as const,
      })),
    ]),
    enumType: some(nestedEnums.map(describeEnum)),
  };
}

/** An optional field is in a oneof of its own to protobuf, and in none to the library. */
function describeField(field: DescField): StoredField {
  const { oneof, parent } = field;
  return {
    ...describeProto(field.proto),
    oneofIndex: oneof === undefined ? undefined : parent.oneofs.indexOf(oneof),
    rules: describeRules(field),
  };
}

/** A name in JSON is said where it does not follow from the field's own. */
function describeProto(proto: DescField['proto']): StoredField {
  const { name, number, type, label, typeName, proto3Optional, jsonName } = proto;
  return {
    name,
    number,
    type,
    label: label === FieldDescriptorProto_Label.REPEATED ? label : undefined,
    typeName: typeName || undefined,
    proto3Optional: proto3Optional || undefined,
    jsonName: jsonName === protoCamelCase(name) ? undefined : jsonName,
  };
}

function describeRules(field: DescField): FieldRules | undefined {
  if (!hasOption(field, rules)) return undefined;
  const all = toJson(FieldRulesSchema, getOption(field, rules)) as JsonObject;
  const kept = Object.entries(KEPT_RULES).flatMap(([type, names]) => {
    const given = Object.entries(all[type] ?? {}).filter(([name]) => names.includes(name));
    // Numbers of 64 bits are text in JSON, and these are small.
    const read = given.map(([name, value]) => [name, /Len$/.test(name) ? Number(value) : value]);
    return read.length === 0 ? [] : [[type, Object.fromEntries(read)]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function describeEnum({ name, proto }: DescEnum): StoredEnum {
  return { name, value: proto.value.map((value) => ({ name: value.name, number: value.number })) };
}

function describeMethod(method: DescMethod): StoredMethod {
  const { httpResponse } = getOption(method, zitadelOptions);
  const common = {
    name: method.name,
    http: describeHttp(method),
    status: httpResponse?.successCode || undefined,
  };
  if (!isServed(method)) return common;
  const [inputType, outputType] = [`.${method.input.typeName}`, `.${method.output.typeName}`];
  return { ...common, inputType, outputType };
}

function describeHttp(method: DescMethod): HttpRule | undefined {
  const { pattern, body } = getOption(method, http);
  if (pattern.case === undefined || pattern.case === 'custom') return undefined;
  const verb = pattern.case.toUpperCase() as Verb;
  return { verb, template: pattern.value, hasBody: body === '*' };
}

if (import.meta.main) {
  const path = join(REPOSITORY, 'src/dialects/zitadel/descriptors.bin');
  writeFileSync(path, makeDescriptors());
}
