-- The one truth of Rekey's tables. Every database (D1 binding) of a deployment has all of them.
-- Times are integer milliseconds since 1970-01-01 UTC. "Hash" below always says of what and how.
-- Everything of a tenant is keyed by tenant_id first, so that no lookup can cross tenants.

CREATE TABLE IF NOT EXISTS tenant (
  id          TEXT    NOT NULL PRIMARY KEY, -- organisation id, as the clients know it
  name        TEXT    NOT NULL,             -- for people; also refused as a password
  client_id   TEXT    NOT NULL,             -- header vbasoftware-client-id
  client_code TEXT    NOT NULL,             -- header vbasoftware-client-code
  database    TEXT    NOT NULL,             -- header vbasoftware-database; decides the placement
  settings    TEXT    NOT NULL,             -- JSON, checked when it was set: core/tenant.ts Settings
  created_at  INTEGER NOT NULL,
  UNIQUE (client_id, client_code, database)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tenant_host (
  host      TEXT NOT NULL PRIMARY KEY,      -- lower case, without port
  tenant_id TEXT NOT NULL REFERENCES tenant (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS api_key (
  key_hash   TEXT    NOT NULL PRIMARY KEY,  -- SHA-256 of the key (256 random bits), base64url
  id         TEXT    NOT NULL,              -- public id of the key, for the operator
  tenant_id  TEXT    NOT NULL REFERENCES tenant (id),
  name       TEXT    NOT NULL,
  scopes     TEXT    NOT NULL,              -- space-separated: signin user.read user.write
  created_at INTEGER NOT NULL,
  revoked_at INTEGER,                       -- null while it works
  paced_at   INTEGER NOT NULL,              -- its bucket of requests, told as the time at which that is full again
  admitted   TEXT,                          -- activity id of the newest request, when its bucket let that in
  UNIQUE (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS account (
  tenant_id   TEXT    NOT NULL REFERENCES tenant (id),
  user_id     TEXT    NOT NULL,             -- the id that the clients know
  username    TEXT,
  email       TEXT,                         -- as given; compared by its login name
  phone       TEXT,
  name        TEXT,                         -- the display name
  profile     TEXT    NOT NULL,             -- JSON, for people: core/account.ts Profile
  role        TEXT    NOT NULL CHECK (role IN ('user', 'admin')),
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,             -- names, profile, role or state; what happens to the password is in credential
  disabled_at INTEGER,                      -- null while the account may be used
  locked_at   INTEGER,                      -- null unless an administrator locked it: no sign-in, but a change may be made
  PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

-- Username, email and phone share one name space per tenant, so that a name finds one account at most.
CREATE TABLE IF NOT EXISTS login_name (
  tenant_id TEXT NOT NULL,
  name      TEXT NOT NULL,                  -- NFC, ASCII letters in lower case
  user_id   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS login_name_by_user ON login_name (tenant_id, user_id);

CREATE TABLE IF NOT EXISTS credential (
  tenant_id            TEXT    NOT NULL,
  user_id              TEXT    NOT NULL,
  version              INTEGER NOT NULL,    -- 1 at creation, +1 with each change: the compare-and-swap
  hash                 TEXT,                -- PHC-like string, derived output sealed by the pepper; null: no password yet
  must_change          INTEGER NOT NULL CHECK (must_change IN (0, 1)), -- 1: the password is temporary
  temporary_expires_at INTEGER,             -- end of a temporary password's life; null: not temporary
  reset_required       INTEGER NOT NULL CHECK (reset_required IN (0, 1)), -- 1: an administrator took the password back
  changed_at           INTEGER NOT NULL,    -- when version became what it is
  operation_id         TEXT    NOT NULL,    -- id of the operation that made this version, or changed the account since
  replay_tag           TEXT,                -- keyed MAC of the password that this version replaced, for safe retries
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

-- Passwords before the present one, as many as the tenant remembers.
CREATE TABLE IF NOT EXISTS password_history (
  tenant_id TEXT    NOT NULL,
  user_id   TEXT    NOT NULL,
  version   INTEGER NOT NULL,               -- credential.version, while it was the present one
  hash      TEXT    NOT NULL,               -- as credential.hash
  PRIMARY KEY (tenant_id, user_id, version),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

-- An open NEW_PASSWORD_REQUIRED session.
CREATE TABLE IF NOT EXISTS challenge (
  session_hash  TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the session (256 random bits), base64url
  tenant_id     TEXT    NOT NULL,
  user_id       TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL,
  tries         INTEGER NOT NULL,           -- wrong uses so far
  spent_version INTEGER,                    -- credential version that it made; null while open
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS challenge_by_user ON challenge (tenant_id, user_id);
CREATE INDEX IF NOT EXISTS challenge_by_end ON challenge (expires_at);

-- A verification code, sent or returned.
CREATE TABLE IF NOT EXISTS code (
  tenant_id     TEXT    NOT NULL,
  user_id       TEXT    NOT NULL,
  purpose       TEXT    NOT NULL CHECK (purpose IN ('reset', 'secure-otp')),
  mac           TEXT    NOT NULL,           -- HMAC-SHA-256 of purpose and code under our key, base64url
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL,
  tries         INTEGER NOT NULL,           -- wrong guesses made while it was live
  spent_version INTEGER,                    -- credential version that it made; null while live
  PRIMARY KEY (tenant_id, user_id, purpose, mac),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS code_by_end ON code (expires_at);

-- Messages to be sent, each written in the commit that it tells of.
CREATE TABLE IF NOT EXISTS outbox (
  tenant_id       TEXT    NOT NULL,
  user_id         TEXT    NOT NULL,
  id              TEXT    NOT NULL,         -- random; the receiver sees the same one at every attempt
  kind            TEXT    NOT NULL,         -- core/message-text.ts MessageKind
  payload         TEXT,                     -- what is sent, by AES-256-GCM under a key derived from a pepper; null: it is over
  code_purpose    TEXT,                     -- code.purpose and code.mac of the code in it: when that is dead, it is not
  code_mac        TEXT,                     --   sent; null: there is none in it
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,         -- not sent from then on
  attempts        INTEGER NOT NULL,         -- begun so far
  next_attempt_at INTEGER,                  -- not before; while it is being sent, the end of the lease; null: it is over
  delivered_at    INTEGER,                  -- when its receiver said so
  failed_at       INTEGER,                  -- when it was given up
  PRIMARY KEY (tenant_id, user_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outbox_by_user ON outbox (tenant_id, user_id, kind, created_at);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_failed ON outbox (failed_at) WHERE failed_at IS NOT NULL;

-- The refresh tokens that descend from one sign-in.
CREATE TABLE IF NOT EXISTS family (
  tenant_id  TEXT    NOT NULL,
  id         TEXT    NOT NULL,              -- random; claim `fam` of the access tokens
  user_id    TEXT    NOT NULL,
  version    INTEGER NOT NULL,              -- credential version that it was made under; claim `pwv`
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,              -- absolute, however often it is refreshed
  revoked_at INTEGER,
  PRIMARY KEY (tenant_id, user_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS family_by_user ON family (tenant_id, user_id) WHERE revoked_at IS NULL;
CREATE INDEX IF NOT EXISTS family_by_end ON family (ifnull(revoked_at, expires_at));

CREATE TABLE IF NOT EXISTS refresh_token (
  token_hash TEXT    NOT NULL PRIMARY KEY,  -- SHA-256 of the token (256 random bits), base64url
  tenant_id  TEXT    NOT NULL,
  user_id    TEXT    NOT NULL,
  family_id  TEXT    NOT NULL,
  mac_key    TEXT    NOT NULL,              -- id of the MAC key that its successor is derived under
  created_at INTEGER NOT NULL,
  used_at    INTEGER,                       -- null until it was exchanged for its successor
  FOREIGN KEY (tenant_id, user_id, family_id) REFERENCES family (tenant_id, user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refresh_token_by_family ON refresh_token (tenant_id, user_id, family_id);

-- A session of the login kind: what was checked of a user, and when. It opens nothing here by itself.
CREATE TABLE IF NOT EXISTS login_session (
  tenant_id            TEXT    NOT NULL,
  id                   TEXT    NOT NULL,    -- random
  user_id              TEXT    NOT NULL,
  subject              TEXT    NOT NULL,    -- whose budget of guesses its password checks are counted in: throttle.subject
  token_hash           TEXT    NOT NULL,    -- SHA-256 of the newest token (256 random bits), base64url
  sequence             INTEGER NOT NULL,    -- 1 at creation, +1 with each update
  created_at           INTEGER NOT NULL,
  changed_at           INTEGER NOT NULL,
  expires_at           INTEGER,             -- null: it has no end of its own
  user_verified_at     INTEGER NOT NULL,
  password_verified_at INTEGER,             -- null until the password was checked
  user_agent           TEXT,                -- JSON, as the caller described it
  metadata             TEXT    NOT NULL,    -- JSON: key to base64
  PRIMARY KEY (tenant_id, user_id, id),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS login_session_by_age ON login_session (tenant_id, created_at, id);
CREATE INDEX IF NOT EXISTS login_session_by_end ON login_session (expires_at) WHERE expires_at IS NOT NULL;

-- One budget of guesses per tenant and subject as submitted, whether or not such a user exists.
-- reserved - cleared = wrong guesses in a row, guesses still being checked included.
CREATE TABLE IF NOT EXISTS throttle (
  tenant_id     TEXT    NOT NULL,
  subject       TEXT    NOT NULL,           -- HMAC-SHA-256 of the submitted name under our key, base64url
  reserved      INTEGER NOT NULL,           -- serial of the newest attempt; only grows
  cleared       INTEGER NOT NULL,           -- serial up to which attempts are forgiven
  blocked_until INTEGER NOT NULL,           -- no attempt before this time; 0: free
  updated_at    INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS throttle_by_age ON throttle (updated_at);

-- Where a user's guesses come from. A source from which the user signed in lately is a lane of its own, with a budget
-- of its own: what strangers guess does not stop the owner. All other sources share the lane ''.
CREATE TABLE IF NOT EXISTS lane (
  tenant_id    TEXT    NOT NULL,
  user_id      TEXT    NOT NULL,
  source       TEXT    NOT NULL,            -- HMAC-SHA-256 of the address's prefix under our key, base64url; '': strangers
  failures     INTEGER NOT NULL,            -- wrong guesses in a row under all names, those being checked included
  signed_in_at INTEGER,                     -- last sign-in from there; null for ''
  PRIMARY KEY (tenant_id, user_id, source),
  FOREIGN KEY (tenant_id, user_id) REFERENCES account (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lane_by_age ON lane (signed_in_at) WHERE signed_in_at IS NOT NULL;

-- What strangers without a key may still ask for: from one source, and of the tenant in all. A row that is full is none.
CREATE TABLE IF NOT EXISTS flood (
  tenant_id TEXT    NOT NULL REFERENCES tenant (id),
  source    TEXT    NOT NULL,               -- as in lane; '': all of them together
  full_at   INTEGER NOT NULL,               -- when the bucket is full again
  admitted  TEXT,                           -- activity id of the newest request, when its bucket let that in
  PRIMARY KEY (tenant_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS flood_by_end ON flood (full_at);

-- The audit. Append only, but for a link that an event does not have yet. What is sealed says by which key: "id.mac".
CREATE TABLE IF NOT EXISTS event (
  id           INTEGER PRIMARY KEY AUTOINCREMENT, -- order within the database; the cursor
  tenant_id    TEXT    NOT NULL,
  user_id      TEXT    NOT NULL,            -- whom it is about; '' for the tenant itself
  sequence     INTEGER NOT NULL,            -- 1, 2, 3 ... per user, without gaps
  at           INTEGER NOT NULL,
  type         TEXT    NOT NULL,            -- core/audit.ts EventType
  actor        TEXT    NOT NULL,            -- JSON: who did it, by kind and id
  dialect      TEXT    NOT NULL,            -- door it came through
  activity_id  TEXT    NOT NULL,            -- id of the request, as in the answer and the log
  facts        TEXT    NOT NULL,            -- JSON, no secrets
  mac          TEXT    NOT NULL,            -- HMAC-SHA-256 over what it says, under a chain key: core/audit-chain.ts
  link         TEXT,                        -- HMAC-SHA-256 over the link before, sequence and mac; null: the next run gives it
  UNIQUE (tenant_id, user_id, sequence)
) STRICT;
CREATE INDEX IF NOT EXISTS event_by_tenant ON event (tenant_id, id);
CREATE INDEX IF NOT EXISTS event_unlinked ON event (id) WHERE link IS NULL;

-- What the audit was like at a time: each covers a tenant's events since the one before. Append only.
CREATE TABLE IF NOT EXISTS checkpoint (
  tenant_id TEXT    NOT NULL,
  number    INTEGER NOT NULL,               -- 1, 2, 3 ... per tenant, without gaps
  at        INTEGER NOT NULL,
  through   INTEGER NOT NULL,               -- event.id: of all tenants of the database, the newest event by then
  heads     TEXT    NOT NULL,               -- JSON: the newest event of each user of the covered ones, with its link
  root      TEXT    NOT NULL,               -- HMAC-SHA-256 over all that and the root before, under a chain key
  PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS checkpoint_by_end ON checkpoint (through, at);
