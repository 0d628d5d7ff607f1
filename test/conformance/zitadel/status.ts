// google.rpc.Status, as grpc-status-details-bin carries it.
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { DETAIL_SCHEMAS, DETAILS, type Detail, describeDetail } from './client.ts';

const DETAILS_FIELD = 3;

export function readStatusDetails(status: Uint8Array): Detail[] {
  const reader = new BinaryReader(status);
  const details: Detail[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== DETAILS_FIELD) {
      reader.skip(wireType);
      continue;
    }
    const detail = anyUnpack(fromBinary(AnySchema, reader.bytes()), DETAILS);
    const schema = DETAIL_SCHEMAS.find(({ typeName }) => typeName === detail?.$typeName);
    if (schema !== undefined && detail !== undefined) details.push(describeDetail(schema, detail));
  }
  return details;
}
