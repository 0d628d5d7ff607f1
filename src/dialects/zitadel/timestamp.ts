// Times as protobuf has them.
import { create, type MessageShape } from '@bufbuild/protobuf';
import { TimestampSchema } from './descriptors.ts';

const SECOND = 1000;
const NANOS_PER_MILLISECOND = 1_000_000;

/** `time`: milliseconds since the epoch. */
export function toTimestamp(time: number): MessageShape<typeof TimestampSchema> {
  const seconds = Math.floor(time / SECOND);
  const nanos = (time - seconds * SECOND) * NANOS_PER_MILLISECOND;
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos });
}
