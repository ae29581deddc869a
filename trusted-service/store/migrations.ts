/** The schema, as the steps that lead to it. A step that was ever released is not edited: a change is a step more. */

export const MIGRATIONS: readonly string[] = [
  `
  -- Who is who. The folded name is what must be unique.
  CREATE TABLE participants (
    subject TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    folded_username TEXT NOT NULL UNIQUE,
    contact TEXT,
    enrolled_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Every leaf that was issued to somebody else, in the order of issue.
  CREATE TABLE certificates (
    number INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    profile TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    pem TEXT NOT NULL
  ) STRICT;
  CREATE INDEX certificates_by_subject ON certificates (subject);

  -- A key, once here, is never certified again, and no certificate of it is accepted.
  CREATE TABLE revoked_keys (
    subject TEXT PRIMARY KEY,
    revoked_at INTEGER NOT NULL,
    reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Proofs of possession that were accepted, until they would be refused as too old.
  CREATE TABLE spent_proofs (
    subject TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (subject, jti)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spent_proofs_by_expiry ON spent_proofs (expires_at);

  -- Which sale of a lot was disclosed, and the words in which it was.
  CREATE TABLE disclosures (
    house TEXT NOT NULL,
    lot TEXT NOT NULL,
    sale TEXT NOT NULL,
    seller TEXT NOT NULL,
    winner TEXT NOT NULL,
    PRIMARY KEY (house, lot)
  ) STRICT, WITHOUT ROWID;

  -- Numbers that outlive the process.
  CREATE TABLE numbers (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO numbers (name, value) VALUES
    ('next-free-serial', 1), ('epoch', 0), ('clock-offset-ms', 0), ('revocation-list', 0);
  `,
  `
  -- What the authority did. Each hash is over the one before it and the event's bytes, so that no row can be changed,
  -- dropped or moved without every later one.
  CREATE TABLE audit_journal (
    number INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TRIGGER audit_journal_is_not_edited BEFORE UPDATE ON audit_journal
    BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;
  CREATE TRIGGER audit_journal_is_not_cut BEFORE DELETE ON audit_journal
    BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;
  -- REPLACE would delete without asking the trigger before.
  CREATE TRIGGER audit_journal_grows_at_its_end BEFORE INSERT ON audit_journal
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM audit_journal)
    BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;
  `,
  `
  -- Codes that the operator gave out, as SHA-256. A spent one stays, so that it is known who came by it.
  CREATE TABLE invites (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash BLOB NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    note TEXT,
    spent_at INTEGER,
    spent_by TEXT
  ) STRICT;
  `,
  `
  -- Certificates that a published list says are revoked, and that this store does not know: issued after the backup from
  -- which it was restored. They stay on our lists for good.
  CREATE TABLE revoked_serials (
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (issuer, serial)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The keys that take turns, each with its place in the turn. A row is never taken out: a key does not come back.
  CREATE TABLE rotating_keys (
    role TEXT NOT NULL,
    generation INTEGER NOT NULL,
    kid TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    since_clock INTEGER NOT NULL,
    since_machine INTEGER NOT NULL,
    PRIMARY KEY (role, generation)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX rotating_keys_one_in_use ON rotating_keys (role) WHERE state = 'current';
  CREATE UNIQUE INDEX rotating_keys_one_to_come ON rotating_keys (role) WHERE state IN ('wanted', 'next');

  -- Every certificate that these keys ever had: what they signed may be asked about at any time.
  CREATE TABLE authority_certificates (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    kid TEXT NOT NULL,
    issuer TEXT NOT NULL,
    pem TEXT NOT NULL
  ) STRICT;
  CREATE INDEX authority_certificates_by_key ON authority_certificates (kid);
  `,
  `
  -- What the witness has seen of each house's journal, and proofs that a house has shown two.
  CREATE TABLE witnessed_checkpoints (
    house TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    checkpoint TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE witnessed_conflicts (
    house TEXT PRIMARY KEY,
    seen TEXT NOT NULL,
    shown TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
