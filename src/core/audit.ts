// Audit events: what happened to whom, by whom, through which door. Facts never hold a secret.

export type EventType =
  | 'tenant.created'
  | 'tenant.updated'
  | 'key.created'
  | 'key.revoked'
  | 'user.created'
  | 'user.updated'
  | 'user.locked'
  | 'user.unlocked'
  | 'user.deactivated'
  | 'user.reactivated'
  | 'user.deleted'
  | 'session.checked'
  | 'session.check-refused'
  | 'session.ended'
  | 'sign-out'
  | 'sign-in.succeeded'
  | 'sign-in.challenged'
  | 'sign-in.refused'
  | 'password.changed'
  | 'password.change-refused'
  | 'password.reset-required'
  | 'account.locked'
  | 'password.closed'
  | 'code.issued'
  | 'code.checked'
  | 'code.refused'
  | 'refresh.reused';

export type Actor =
  | { readonly kind: 'user' | 'admin'; readonly userId: string }
  | { readonly kind: 'key'; readonly keyId: string }
  | { readonly kind: 'operator' }
  | { readonly kind: 'anonymous' };

export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface EventDraft {
  readonly type: EventType;
  readonly actor: Actor;
  readonly facts: Facts;
}

/** What a request brings along for the audit. */
export interface Trace {
  readonly activityId: string;
  readonly dialect: string;
}
