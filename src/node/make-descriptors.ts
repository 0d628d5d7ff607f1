// npm run descriptors: the vendor's descriptors of the services that we speak, without their documentation, as one
// binary FileDescriptorSet. The package's own modules would be half of the Worker's bundle, and most of that is prose.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  clearExtension,
  clearField,
  clone,
  create,
  type DescFile,
  getExtension,
  hasExtension,
  type Message,
  setExtension,
  toBinary,
} from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  type MethodOptions,
} from '@bufbuild/protobuf/wkt';
import { file_google_api_annotations, http } from '@zitadel/proto/google/api/annotations_pb.js';
import { file_validate_validate, rules } from '@zitadel/proto/validate/validate_pb.js';
import { file_zitadel_message } from '@zitadel/proto/zitadel/message_pb.js';
import {
  file_zitadel_protoc_gen_zitadel_v2_options,
  OptionsSchema,
  options as zitadelOptions,
} from '@zitadel/proto/zitadel/protoc_gen_zitadel/v2/options_pb.js';
import { file_zitadel_session_v2_session_service } from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import { file_zitadel_settings_v2_settings_service } from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import { file_zitadel_user_v2_user_service } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { REPOSITORY } from './state.ts';

const ROOTS = [
  file_google_protobuf_empty,
  file_google_api_annotations,
  file_validate_validate,
  file_zitadel_protoc_gen_zitadel_v2_options,
  file_zitadel_message,
  file_zitadel_user_v2_user_service,
  file_zitadel_session_v2_session_service,
  file_zitadel_settings_v2_settings_service,
];

/** The options that the Worker reads: paths, field rules, status codes. All others are documentation to it. */
const KEPT_OPTIONS = [http.number, rules.number, zitadelOptions.number];
const DOCUMENTATION = /^(?:protoc-gen-openapiv2\/|google\/api\/field_behavior)/;
/** What the Worker reads of the messages that the options hold. Of all others every field is kept. */
const KEPT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'validate.FieldRules': ['message', 'bool', 'string', 'bytes', 'enum', 'duration'],
  'validate.MessageRules': ['required'],
  'validate.BoolRules': ['const'],
  'validate.StringRules': ['min_len', 'max_len', 'ignore_empty', 'email'],
  'validate.BytesRules': ['min_len', 'max_len'],
  'validate.EnumRules': ['defined_only', 'not_in'],
  'validate.DurationRules': ['gt'],
  'zitadel.protoc_gen_zitadel.v2.Options': ['http_response'],
};
/** The library brings its own. */
const BUILT_IN = ['google/protobuf/descriptor.proto', file_google_protobuf_struct.proto.name];
const EMPTY_FILE = 'google/protobuf/empty.proto';
/** What errors carry: no method speaks of them. */
const ROOT_TYPES = ['.zitadel.v1.ErrorDetail', '.zitadel.v1.CredentialsCheckError'];

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
const NO_MESSAGE = '.google.protobuf.Empty';

export function makeDescriptors(): Uint8Array {
  const files = listFiles(ROOTS)
    .filter(({ proto: { name } }) => !DOCUMENTATION.test(name) && !BUILT_IN.includes(name))
    .map(({ proto }) => strip(proto));
  const file = prune(files);
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
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

function strip(original: FileDescriptorProto): FileDescriptorProto {
  const file = clone(FileDescriptorProtoSchema, original);
  delete file.sourceCodeInfo;
  file.dependency = file.dependency.filter((name) => !DOCUMENTATION.test(name));
  file.publicDependency = [];
  file.weakDependency = [];
  // How other languages call what they generate.
  delete file.options;
  for (const message of file.messageType) stripMessage(message, file.package);
  for (const service of file.service) {
    const served = SERVED[`${file.package}.${service.name}`] ?? [];
    for (const method of service.method) {
      dropDocumentation(method.options);
      dropPermission(method.options);
      if (served.includes(method.name)) continue;
      method.inputType = NO_MESSAGE;
      method.outputType = NO_MESSAGE;
    }
    if (!file.dependency.includes(EMPTY_FILE)) file.dependency.push(EMPTY_FILE);
  }
  return file;
}

/** Leaves out the messages and enums that nothing speaks of, and the files that have nothing else. */
function prune(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const types = new Map(
    files.flatMap((file) =>
      [...file.messageType, ...file.enumType].map((type) => [
        `.${file.package}.${type.name}`,
        type,
      ]),
    ),
  );
  const needed = new Set<string>();
  const need = (typeName: string) => {
    const name = [...types.keys()].find((key) => `${typeName}.`.startsWith(`${key}.`));
    if (name === undefined || needed.has(name)) return;
    needed.add(name);
    const type = types.get(name);
    if (type?.$typeName === 'google.protobuf.DescriptorProto') listTypes(type).forEach(need);
  };
  ROOT_TYPES.forEach(need);
  for (const file of files) {
    for (const field of file.extension) need(field.typeName);
    for (const method of file.service.flatMap((service) => service.method)) {
      need(method.inputType);
      need(method.outputType);
    }
  }
  for (const file of files) {
    const isNeeded = ({ name }: { name: string }) => needed.has(`.${file.package}.${name}`);
    file.messageType = file.messageType.filter(isNeeded);
    file.enumType = file.enumType.filter(isNeeded);
  }
  const left = files.filter(
    ({ messageType, enumType, service, extension }) =>
      messageType.length + enumType.length + service.length + extension.length > 0,
  );
  const names = left.map(({ name }) => name);
  for (const file of left) {
    file.dependency = file.dependency.filter(
      (name) => BUILT_IN.includes(name) || names.includes(name),
    );
  }
  return left;
}

/** The types of the message's fields, those of the messages inside it included. */
function listTypes(message: DescriptorProto): string[] {
  return [
    ...message.field.map(({ typeName }) => typeName).filter((name) => name !== ''),
    ...message.nestedType.flatMap(listTypes),
  ];
}

function stripMessage(message: DescriptorProto, parent: string): void {
  const name = `${parent}.${message.name}`;
  dropDocumentation(message.options);
  const kept = KEPT_FIELDS[name];
  if (kept !== undefined)
    message.field = message.field.filter((field) => kept.includes(field.name));
  message.field.forEach(stripField);
  for (const inner of message.nestedType) stripMessage(inner, name);
}

/** A name in JSON is said where it does not follow from the field's own. */
function stripField(field: FieldDescriptorProto): void {
  dropDocumentation(field.options);
  const isDerived = field.jsonName === protoCamelCase(field.name);
  if (isDerived) clearField(field, FieldDescriptorProtoSchema.field.jsonName);
}

/** An extension that the library does not know by itself is an unknown field to it. */
function dropDocumentation(options: Message | undefined): void {
  if (options?.$unknown === undefined) return;
  options.$unknown = options.$unknown.filter(({ no }) => KEPT_OPTIONS.includes(no));
}

/** Of the vendor's options the status codes are read. */
function dropPermission(options: MethodOptions | undefined): void {
  if (options === undefined || !hasExtension(options, zitadelOptions)) return;
  const { httpResponse } = getExtension(options, zitadelOptions);
  clearExtension(options, zitadelOptions);
  if (httpResponse === undefined) return;
  setExtension(options, zitadelOptions, create(OptionsSchema, { httpResponse }));
}

if (import.meta.main) {
  const path = join(REPOSITORY, 'src/dialects/zitadel/descriptors.bin');
  writeFileSync(path, makeDescriptors());
}
