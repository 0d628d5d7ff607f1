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

export function makeDescriptors(): Uint8Array {
  const file = listFiles(ROOTS)
    .filter(({ proto: { name } }) => !DOCUMENTATION.test(name) && name !== BUILT_IN)
    .map(({ proto }) => strip(proto));
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
  for (const method of file.service.flatMap((service) => service.method)) {
    dropDocumentation(method.options);
  }
  return file;
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
