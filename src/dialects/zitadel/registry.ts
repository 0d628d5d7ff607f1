// Reads descriptors.bin, as npm run descriptors writes it.
import { create, createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
  file_google_protobuf_struct,
} from '@bufbuild/protobuf/wkt';

/** What the library brings along, and the binary leaves out. */
const BUILT_IN = [file_google_protobuf_descriptor.proto, file_google_protobuf_struct.proto];

export function readRegistry(binary: Uint8Array): FileRegistry {
  const { file } = fromBinary(FileDescriptorSetSchema, binary);
  for (const { messageType } of file) messageType.forEach(restoreJsonNames);
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...BUILT_IN, ...file] }));
}

/** They are left out where they follow from the field's own name. */
function restoreJsonNames({ field, nestedType }: DescriptorProto): void {
  for (const one of field) one.jsonName ||= protoCamelCase(one.name);
  nestedType.forEach(restoreJsonNames);
}
