// npm run descriptors: the vendor's descriptors of the services that we speak, without their documentation, as one
// binary FileDescriptorSet. The package's own modules would be half of the Worker's bundle, and most of that is prose.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clone, create, type DescFile, type Message, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_empty,
} from '@bufbuild/protobuf/wkt';
import { file_google_api_annotations, http } from '@zitadel/proto/google/api/annotations_pb.js';
import { file_validate_validate, rules } from '@zitadel/proto/validate/validate_pb.js';
import { file_zitadel_message } from '@zitadel/proto/zitadel/message_pb.js';
import {
  file_zitadel_protoc_gen_zitadel_v2_options,
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
/** The library brings its own. */
const BUILT_IN = 'google/protobuf/descriptor.proto';
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
    .filter(({ proto: { name } }) => !DOCUMENTATION.test(name) && name !== BUILT_IN)
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
  dropDocumentation(file.options);
  file.messageType.forEach(stripMessage);
  for (const service of file.service) {
    const served = SERVED[`${file.package}.${service.name}`] ?? [];
    for (const method of service.method) {
      dropDocumentation(method.options);
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
    file.dependency = file.dependency.filter((name) => name === BUILT_IN || names.includes(name));
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

function stripMessage(message: DescriptorProto): void {
  dropDocumentation(message.options);
  for (const field of message.field) dropDocumentation(field.options);
  message.nestedType.forEach(stripMessage);
}

/** An extension that the library does not know by itself is an unknown field to it. */
function dropDocumentation(options: Message | undefined): void {
  if (options?.$unknown === undefined) return;
  options.$unknown = options.$unknown.filter(({ no }) => KEPT_OPTIONS.includes(no));
}

if (import.meta.main) {
  const path = join(REPOSITORY, 'src/dialects/zitadel/descriptors.bin');
  writeFileSync(path, makeDescriptors());
}
