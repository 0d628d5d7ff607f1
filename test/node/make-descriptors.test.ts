// The descriptors that the Worker carries are the package's own, without the prose.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  toJson,
} from '@bufbuild/protobuf';
import { http } from '@zitadel/proto/google/api/annotations_pb.js';
import { FieldRulesSchema, required, rules } from '@zitadel/proto/validate/validate_pb.js';
import { options as zitadelOptions } from '@zitadel/proto/zitadel/protoc_gen_zitadel/v2/options_pb.js';
import { SessionService } from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import { SettingsService } from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { expect, test } from 'vitest';
import {
  isRequired,
  readHttp,
  readRegistry,
  readRules,
} from '../../src/dialects/zitadel/registry.ts';
import { makeDescriptors } from '../../src/node/make-descriptors.ts';
import { REPOSITORY } from '../../src/node/state.ts';

const BINARY = join(REPOSITORY, 'src/dialects/zitadel/descriptors.bin');

test('descriptors.bin is what npm run descriptors makes of the installed package', () => {
  expect(Buffer.from(makeDescriptors()).equals(readFileSync(BINARY))).toBe(true);
});

test('every message of every served method has the fields of the package, by number, name, kind and rules', () => {
  const registry = readRegistry(makeDescriptors());
  let compared = 0;
  for (const service of [UserService, SessionService, SettingsService]) {
    const served = registry.getService(service.typeName);
    expect(served?.methods.map(({ localName }) => localName)).toEqual(
      service.methods.map(({ localName }) => localName),
    );
    for (const method of service.methods) {
      for (const side of ['input', 'output'] as const) {
        const message = served?.method[method.localName]?.[side];
        if (message?.typeName === 'google.protobuf.Empty') continue;
        expect(message && describe(message, readOurs)).toEqual(describe(method[side], readTheirs));
        compared += 1;
      }
    }
  }
  expect(compared).toBe(44);
});

test('every path and every status of a success is the one of the package', () => {
  const registry = readRegistry(makeDescriptors());
  for (const service of [UserService, SessionService, SettingsService]) {
    for (const method of service.methods) {
      const desc = registry.getService(service.typeName)?.method[method.localName];
      if (desc === undefined) throw new Error(`${method.name} is not there`);
      const { pattern, body } = getOption(method, http);
      const rule = {
        verb: pattern.case?.toUpperCase(),
        template: pattern.value,
        hasBody: body === '*',
      };
      expect(readHttp(desc).http).toEqual(pattern.case === undefined ? undefined : rule);
      const { httpResponse } = getOption(method, zitadelOptions);
      expect(readHttp(desc).status).toBe(httpResponse?.successCode || undefined);
    }
  }
});

interface Rules {
  readonly field: object;
  readonly isRequired: boolean;
}

function readOurs(field: DescField): Rules {
  const isNeeded = field.oneof !== undefined && isRequired(field.oneof);
  return { field: readRules(field) ?? {}, isRequired: isNeeded };
}

/** All of them: one that we would not check is a difference. */
function readTheirs(field: DescField): Rules {
  const given = hasOption(field, rules) ? toJson(FieldRulesSchema, getOption(field, rules)) : {};
  const text = JSON.stringify(given, (name, value) => (/Len$/.test(name) ? Number(value) : value));
  const isNeeded = field.oneof !== undefined && getOption(field.oneof, required);
  return { field: JSON.parse(text), isRequired: isNeeded };
}

/** Every field of the message and of those inside it, with its rules. */
function describe(
  message: DescMessage,
  read: (field: DescField) => Rules,
  seen = new Set<string>(),
): unknown[] {
  if (seen.has(message.typeName)) return [];
  seen.add(message.typeName);
  return message.fields.flatMap((field) => {
    // How it is called and encoded, whatever its kind.
    const { proto, parent, oneof, message: type, enum: names, ...facts } = field;
    return [
      { ...facts, toString: String(field), getDefaultValue: null, oneof: oneof?.name },
      [parent.typeName, proto.type, type?.typeName, describeEnum(names)],
      read(field),
      ...(type === undefined ? [] : describe(type, read, seen)),
    ];
  });
}

function describeEnum(names: DescEnum | undefined): unknown {
  if (names === undefined) return null;
  const { typeName, open, values } = names;
  return [typeName, open, values.map(({ name, number }) => [name, number])];
}
