// The descriptors that the Worker carries are the package's own, without the prose.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescExtension,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  getOption,
  toJsonString,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { http } from '@zitadel/proto/google/api/annotations_pb.js';
import { rules } from '@zitadel/proto/validate/validate_pb.js';
import { options as zitadelOptions } from '@zitadel/proto/zitadel/protoc_gen_zitadel/v2/options_pb.js';
import { SessionService } from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import { SettingsService } from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import {
  file_zitadel_user_v2_user_service,
  UserService,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { expect, test } from 'vitest';
import { readRegistry } from '../../src/dialects/zitadel/registry.ts';
import { makeDescriptors } from '../../src/node/make-descriptors.ts';
import { REPOSITORY } from '../../src/node/state.ts';

const BINARY = join(REPOSITORY, 'src/dialects/zitadel/descriptors.bin');

test('descriptors.bin is what npm run descriptors makes of the installed package', () => {
  expect(Buffer.from(makeDescriptors()).equals(readFileSync(BINARY))).toBe(true);
});

test('every message of every served method has the fields of the package, by number, name, kind and rules', () => {
  const registry = readRegistry(makeDescriptors());
  const ours = find(registry, rules);
  for (const service of [UserService, SessionService, SettingsService]) {
    const served = registry.getService(service.typeName);
    expect(served?.methods.map(({ localName }) => localName)).toEqual(
      service.methods.map(({ localName }) => localName),
    );
    for (const method of service.methods) {
      for (const side of ['input', 'output'] as const) {
        const message = served?.method[method.localName]?.[side];
        if (message?.typeName === 'google.protobuf.Empty') continue;
        expect(message && describe(message, ours)).toEqual(describe(method[side], rules));
      }
    }
  }
});

test('the prose of the API documentation is left out', () => {
  expect(file_zitadel_user_v2_user_service.proto.options?.$unknown).not.toHaveLength(0);
  const options = fromBinary(FileDescriptorSetSchema, makeDescriptors()).file.flatMap((file) => [
    file.options,
    ...file.messageType.flatMap((message) => [
      message.options,
      ...message.field.map((field) => field.options),
    ]),
    ...file.service.flatMap((service) => service.method.map((method) => method.options)),
  ]);
  const numbers = options.flatMap((one) => one?.$unknown?.map(({ no }) => no) ?? []);
  expect(new Set(numbers)).toEqual(new Set([http.number, rules.number, zitadelOptions.number]));
});

test('every path and every status of a success is the one of the package', () => {
  const registry = readRegistry(makeDescriptors());
  const ours = { http: find(registry, http), status: find(registry, zitadelOptions) };
  for (const service of [UserService, SessionService, SettingsService]) {
    for (const method of service.methods) {
      const desc = registry.getService(service.typeName)?.method[method.localName];
      if (desc === undefined) throw new Error(`${method.name} is not there`);
      const { pattern, body } = getOption(method, http);
      expect(getOption(desc, ours.http)).toMatchObject({ pattern: { ...pattern }, body });
      const { httpResponse } = getOption(method, zitadelOptions);
      const read = getOption(desc, ours.status).httpResponse;
      expect(read?.successCode).toBe(httpResponse?.successCode);
    }
  }
});

/** The package's extension as our binary describes it. */
function find<Extension extends DescExtension>(
  registry: FileRegistry,
  { typeName }: Extension,
): Extension {
  return registry.getExtension(typeName) as Extension;
}

/** Every field of the message and of those inside it, with its rules. */
function describe(
  message: DescMessage,
  extension: typeof rules,
  seen = new Set<string>(),
): string[] {
  if (seen.has(message.typeName)) return [];
  seen.add(message.typeName);
  return message.fields.flatMap((field) => [
    `${field} ${field.number} ${field.jsonName} ${field.fieldKind} ${field.oneof?.name}`,
    toJsonString(extension.message as DescMessage, getOption(field, extension)),
    ...(field.message === undefined ? [] : describe(field.message, extension, seen)),
  ]);
}
