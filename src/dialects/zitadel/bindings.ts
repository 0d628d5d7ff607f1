// Which method answers to which HTTP request, by the descriptors' google.api.http options.
import type { DescMethod } from '@bufbuild/protobuf';
import { SERVICES, UserService } from './descriptors.ts';
import { type HttpRule, readHttp } from './registry.ts';

export interface Binding extends HttpRule {
  readonly method: DescMethod;
}

/** The vendor's server has these, as its documentation says; the options came into its package after this version. */
const LATER: readonly Binding[] = [
  {
    verb: 'POST',
    template: '/v2/users/new',
    hasBody: true,
    method: UserService.method.createUser,
  },
  {
    verb: 'PATCH',
    template: '/v2/users/{user_id}',
    hasBody: true,
    method: UserService.method.updateUser,
  },
];

/** Those with a literal where others have a parameter come first: the router takes the first that matches. */
export function listBindings(): readonly Binding[] {
  const described = SERVICES.flatMap((service) => service.methods).flatMap(readBinding);
  return [...described, ...LATER].sort(compareBindings);
}

function readBinding(method: DescMethod): Binding[] {
  const { http } = readHttp(method);
  return http === undefined ? [] : [{ ...http, method }];
}

function compareBindings(a: Binding, b: Binding): number {
  const [first, second] = [rank(a.template), rank(b.template)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

function rank(template: string): string {
  return template.replaceAll(/\{\w+\}/g, '\uffff');
}
