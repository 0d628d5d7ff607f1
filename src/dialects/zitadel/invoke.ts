// The one way from every transport to the service.
import type { DescMethod, Message } from '@bufbuild/protobuf';
import type { Gateway } from '../../core/gateway.ts';
import { fail, type Result } from '../../core/result.ts';
import { hasMalformedTimeout } from './deadline.ts';
import { CODES, UNIMPLEMENTED, type ZitadelError } from './failure.ts';
import { findMethod } from './service.ts';

const MALFORMED_TIMEOUT: ZitadelError = {
  code: CODES.invalidArgument,
  id: null,
  text: 'the timeout is malformed',
};

/** What forbids a call before its body is read; null when nothing does. */
export function findFault(method: DescMethod, headers: Headers): ZitadelError | null {
  if (findMethod(method) === null) return UNIMPLEMENTED;
  return hasMalformedTimeout(headers) ? MALFORMED_TIMEOUT : null;
}

export async function invoke(
  method: DescMethod,
  request: Message,
  { gateway, headers }: { readonly gateway: Gateway; readonly headers: Headers },
): Promise<Result<Message, ZitadelError>> {
  const serve = findMethod(method);
  if (serve === null) return fail(UNIMPLEMENTED);
  return serve(request, {
    gateway,
    authorization: headers.get('authorization') ?? undefined,
    // An empty header names no organisation.
    organisationId: headers.get('x-zitadel-orgid') || undefined,
  });
}
