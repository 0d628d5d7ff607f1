// The field rules of the vendor's own descriptors (protoc-gen-validate options): no rule is written a second time.
import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { isReflectMessage, type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { isCleanText } from '../../wire/clean-text.ts';
import { type FieldRules, isRequired, type LengthRules, readRules } from './registry.ts';

/** Of a field that is zero when it is absent. The library's name for it brings the descriptors of descriptors along. */
const IMPLICIT: FeatureSet_FieldPresence.IMPLICIT = 2;

/** The first broken rule in the words of the vendor's validator; null when there is none. No value is ever in it. */
export function findBrokenRule(schema: DescMessage, message: Message): string | null {
  return findIn(reflect(schema, message));
}

function findIn(message: ReflectMessage): string | null {
  for (const field of message.fields) {
    const fault = findInField(message, field);
    if (fault !== null) return fault;
  }
  for (const oneof of message.oneofs) {
    const isMissing = message.oneofCase(oneof) === undefined && isRequired(oneof);
    if (isMissing) return `invalid ${nameMember(message, oneof.name)}: value is required`;
  }
  return null;
}

function findInField(message: ReflectMessage, field: DescField): string | null {
  const name = nameMember(message, field.name);
  const isSet = message.isSet(field);
  const rule = readRules(field);
  if (field.fieldKind === 'message') {
    if (isSet)
      return (
        findInEmbedded(name, message.get(field)) ?? findDurationFault(name, message, field, rule)
      );
    return rule?.message?.required ? `invalid ${name}: value is required` : null;
  }
  if (field.fieldKind === 'list') {
    let index = 0;
    for (const item of message.get(field)) {
      const fault = isReflectMessage(item) ? findInEmbedded(`${name}[${index}]`, item) : null;
      if (fault !== null) return fault;
      index += 1;
    }
    return null;
  }
  // What can be absent, a member of a oneof or an optional field, is judged only when it is there.
  const canBeAbsent = field.presence !== IMPLICIT;
  if (field.fieldKind === 'map' || (canBeAbsent && !isSet)) return null;
  const value = message.get(field);
  const fault = findValueFault(field, value, rule) ?? findCharacterFault(field, value);
  return fault === null ? null : `invalid ${name}: ${fault}`;
}

function findInEmbedded(name: string, message: ReflectMessage): string | null {
  const inner = findIn(message);
  if (inner === null) return null;
  return `invalid ${name}: embedded message failed validation | caused by: ${inner}`;
}

function findValueFault(field: DescField, value: unknown, rule: FieldRules | null): string | null {
  if (rule?.string !== undefined && typeof value === 'string') {
    return findTextFault(rule.string, value);
  }
  if (rule?.bytes !== undefined && value instanceof Uint8Array) {
    return findLengthFault(value.length, rule.bytes, 'bytes');
  }
  if (rule?.enum !== undefined && field.fieldKind === 'enum') {
    return findEnumFault(rule.enum, field, Number(value));
  }
  return rule?.bool?.const && value !== true ? 'value must equal true' : null;
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;

function findTextFault(rule: NonNullable<FieldRules['string']>, value: string): string | null {
  if (rule.ignoreEmpty && value === '') return null;
  const fault = findLengthFault([...value].length, rule, 'runes');
  if (fault !== null) return fault;
  return rule.email && !EMAIL.test(value) ? 'value must be a valid email address' : null;
}

/** An absent bound is 0. */
function findLengthFault(
  length: number,
  { minLen: min = 0, maxLen: max = 0 }: LengthRules,
  unit: 'runes' | 'bytes',
): string | null {
  if (min <= length && (max === 0 || length <= max)) return null;
  if (max === 0) return `value length must be at least ${min} ${unit}`;
  if (min === 0) return `value length must be at most ${max} ${unit}`;
  return `value length must be between ${min} and ${max} ${unit}, inclusive`;
}

function findEnumFault(
  { definedOnly, notIn = [] }: NonNullable<FieldRules['enum']>,
  field: DescField & { fieldKind: 'enum' },
  value: number,
): string | null {
  if (definedOnly && field.enum.value[value] === undefined) {
    return 'value must be one of the defined enum values';
  }
  return notIn.includes(value) ? `value must not be in list [${notIn.join(' ')}]` : null;
}

function findDurationFault(
  name: string,
  message: ReflectMessage,
  field: DescField & { fieldKind: 'message' },
  rule: FieldRules | null,
): string | null {
  if (rule?.duration?.gt === undefined) return null;
  const { seconds, nanos } = message.get(field).message as unknown as {
    readonly seconds: bigint;
    readonly nanos: number;
  };
  const isPositive = seconds > 0n || (seconds === 0n && nanos > 0);
  return isPositive ? null : `invalid ${name}: value must be greater than 0s`;
}

/** Judged by the core, since a dialect must not tell why a secret is none. */
const SECRETS = ['password', 'current_password', 'verification_code', 'hash'];
/** What tells one user from another: two of them must not look the same. */
const IDENTIFIERS = ['user_id', 'username', 'user_name', 'login_name', 'email', 'phone'];
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Names are shown in pages and letters, and looked up in one spelling: this rule is ours. */
function findCharacterFault(field: DescField, value: unknown): string | null {
  if (field.fieldKind !== 'scalar' || field.scalar !== ScalarType.STRING) return null;
  if (SECRETS.includes(field.name)) return null;
  const text = String(value);
  if (CONTROL_CHARACTER.test(text)) return 'value must not contain control characters';
  if (!IDENTIFIERS.includes(field.name) || isCleanText(text, text.length)) return null;
  return 'value must not contain invisible characters';
}

/** As the vendor's generated code has it: a message inside another bears both names. */
function nameMember({ desc }: ReflectMessage, name: string): string {
  const local = desc.typeName.slice(desc.file.proto.package.length + 1);
  return `${local.replaceAll('.', '_')}.${toGoName(name)}`;
}

/** "user_id" → "UserId", as the vendor's generated code names fields. */
function toGoName(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
