// The field rules of the vendor's own descriptors (protoc-gen-validate options): no rule is written a second time.
import {
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  type Message,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { rules } from './descriptors.ts';

/** The first broken rule in the words of the vendor's validator; null when there is none. No value is ever in it. */
export function findBrokenRule(schema: DescMessage, message: Message): string | null {
  return findIn(reflect(schema, message));
}

function findIn(message: ReflectMessage): string | null {
  for (const field of message.fields) {
    const name = `${message.desc.name}.${toGoName(field.name)}`;
    const isSet = message.isSet(field);
    if (field.fieldKind === 'message') {
      const inner = isSet ? findIn(message.get(field)) : null;
      if (inner === null) continue;
      return `invalid ${name}: embedded message failed validation | caused by: ${inner}`;
    }
    // What can be absent, a member of a oneof or an optional field, is judged only when it is there.
    const canBeAbsent = field.presence !== FeatureSet_FieldPresence.IMPLICIT;
    if (field.fieldKind !== 'scalar' || (canBeAbsent && !isSet)) continue;
    const fault = findLengthFault(field, message.get(field));
    if (fault !== null) return `invalid ${name}: ${fault}`;
  }
  return null;
}

function findLengthFault(field: DescField, value: unknown): string | null {
  if (typeof value !== 'string' || !hasOption(field, rules)) return null;
  const { type } = getOption(field, rules);
  if (type.case !== 'string') return null;
  const { minLen, maxLen, ignoreEmpty } = type.value;
  if (ignoreEmpty && value === '') return null;
  // An absent bound reads as 0.
  const length = BigInt([...value].length);
  if (minLen <= length && (maxLen === 0n || length <= maxLen)) return null;
  if (maxLen === 0n) return `value length must be at least ${minLen} runes`;
  if (minLen === 0n) return `value length must be at most ${maxLen} runes`;
  return `value length must be between ${minLen} and ${maxLen} runes, inclusive`;
}

/** "user_id" → "UserId", as the vendor's generated code names fields. */
function toGoName(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
