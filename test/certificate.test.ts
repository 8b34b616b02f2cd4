import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type CertificateFiles, certificateFiles, readCertificate } from '../server/certificate.ts';
import { CERTIFICATE } from './http/http2-client.ts';
import { suite } from './suite.ts';

const test = suite('certificate');

const folder = mkdtempSync(join(tmpdir(), 'sse-table-'));
test.after(() => rmSync(folder, { recursive: true }));

/** A moment at which the fixture is valid. */
const NOW_MS = Date.parse('2030-01-01');

const pem = { type: 'pkcs8', format: 'pem' } as const;
const stranger = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: pem,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;
const encrypted = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { ...pem, cipher: 'aes-256-cbc', passphrase: 'x' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('certificateFiles: both, none, or the one that is missing', () => {
  assert.is(certificateFiles({ cert: undefined, certKey: undefined }), undefined);
  assert.equal(certificateFiles(CERTIFICATE), CERTIFICATE);
  assert.throws(
    () => certificateFiles({ cert: 'a.pem', certKey: undefined }),
    /^--cert a\.pem needs --cert-key <file> beside it$/,
  );
  assert.throws(
    () => certificateFiles({ cert: undefined, certKey: 'k.pem' }),
    /^--cert-key k\.pem needs --cert <file> beside it$/,
  );
});

test('readCertificate: a good pair has no problem', () => {
  const { certificate, problem } = readCertificate(CERTIFICATE, NOW_MS);
  assert.match(certificate.cert.toString(), /^-----BEGIN CERTIFICATE-----/);
  assert.match(certificate.key.toString(), /^-----BEGIN PRIVATE KEY-----/);
  assert.is(problem, undefined);
});

test('readCertificate: expired, and not valid yet, are problems and no errors', () => {
  const expired = readCertificate(CERTIFICATE, Date.parse('2200-01-01'));
  assert.match(expired.problem ?? '', /localhost\.pem expired on .*; renew it and send SIGHUP$/);
  const early = readCertificate(CERTIFICATE, Date.parse('2020-01-01'));
  assert.match(early.problem ?? '', /localhost\.pem is valid from .* on: browsers refuse it/);
});

const { cert, certKey } = CERTIFICATE;
const WRONG: [title: string, files: CertificateFiles, message: RegExp][] = [
  [
    'a missing certificate',
    { cert: '/no.pem', certKey },
    /^--cert \/no\.pem cannot be read: ENOENT/,
  ],
  ['a missing key', { cert, certKey: '/no.pem' }, /^--cert-key \/no\.pem cannot be read: ENOENT/],
  ['a folder', { cert: folder, certKey }, /^--cert \S+ cannot be read: EISDIR/],
  ['a swapped pair', { cert: certKey, certKey: cert }, /^--cert \S+ holds a private key; name/],
  [
    'text as certificate',
    { cert: file('text.pem', 'hello'), certKey },
    /^--cert \S+text\.pem holds no certificate in PEM; it must begin with -----BEGIN CERT/,
  ],
  [
    'a certificate as key',
    { cert, certKey: cert },
    /^--cert-key \S+ holds no private key in PEM; it must begin with -----BEGIN PRIVATE KEY/,
  ],
  [
    "another certificate's key",
    { cert, certKey: file('stranger.pem', stranger) },
    /^--cert-key \S+stranger\.pem is not the key of --cert \S+localhost\.pem; name the key/,
  ],
  [
    'an encrypted key',
    { cert, certKey: file('encrypted.pem', encrypted) },
    /^--cert-key \S+ is encrypted; decrypt it: openssl pkey -in \S+encrypted\.pem -out plain\.pem$/,
  ],
];
for (const [title, files, message] of WRONG) {
  test(`readCertificate: ${title} is named with its fix`, () => {
    assert.throws(() => readCertificate(files, NOW_MS), message);
  });
}
