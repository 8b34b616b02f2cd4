/**
 * The certificate and its key: read from their files, checked, and each mistake named with its fix.
 *
 * @see SPEC 8 "TLS"
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { SseTableError } from './base/errors.ts';
import type { Certificate } from './http/secure-server.ts';

/** Paths of PEM files. */
export interface CertificateFiles {
  cert: string;
  certKey: string;
}

/** A certificate that can be served. */
export interface ReadCertificate {
  certificate: Certificate;
  /** Why browsers refuse it at the moment: it has expired, or is not valid yet. */
  problem: string | undefined;
}

/**
 * The two options as a pair.
 * @returns undefined where neither is given: then there is no TLS.
 * @throws {SseTableError} `bad_option` where one is missing.
 */
export function certificateFiles(options: {
  cert: string | undefined;
  certKey: string | undefined;
}): CertificateFiles | undefined {
  const { cert, certKey } = options;
  if (cert === undefined && certKey === undefined) return undefined;
  if (cert === undefined) throw refuse(`--cert-key ${certKey} needs --cert <file> beside it`);
  if (certKey === undefined) throw refuse(`--cert ${cert} needs --cert-key <file> beside it`);
  return { cert, certKey };
}

/**
 * Reads both files and checks that they belong together.
 * @throws {SseTableError} `bad_option`, naming the file and the fix.
 */
export function readCertificate(files: CertificateFiles, nowMs: number): ReadCertificate {
  const cert = read('--cert', files.cert);
  const key = read('--cert-key', files.certKey);
  const first = parseCertificate(cert, files.cert);
  if (!first.checkPrivateKey(parseKey(key, files.certKey))) {
    throw refuse(
      `--cert-key ${files.certKey} is not the key of --cert ${files.cert}; ` +
        'name the key that the certificate was made with',
    );
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw refuse(`--cert ${files.cert} cannot be served: ${reasonOf(error)}`, error);
  }
  return { certificate: { cert, key }, problem: problemOf(first, files.cert, nowMs) };
}

function read(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw refuse(`${option} ${path} cannot be read: ${reasonOf(error)}`, error);
  }
}

function parseCertificate(pem: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    const isKey = pem.includes('PRIVATE KEY-----');
    throw refuse(
      isKey
        ? `--cert ${path} holds a private key; name the certificate's file, and this one as --cert-key`
        : `--cert ${path} holds no certificate in PEM; it must begin with -----BEGIN CERTIFICATE-----`,
      error,
    );
  }
}

function parseKey(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // BEGIN ENCRYPTED PRIVATE KEY, or in the older form Proc-Type: 4,ENCRYPTED.
    const isEncrypted = pem.includes('ENCRYPTED');
    throw refuse(
      isEncrypted
        ? `--cert-key ${path} is encrypted; decrypt it: openssl pkey -in ${path} -out plain.pem`
        : `--cert-key ${path} holds no private key in PEM; it must begin with -----BEGIN PRIVATE KEY-----`,
      error,
    );
  }
}

function problemOf(
  { validFrom, validTo }: X509Certificate,
  path: string,
  nowMs: number,
): string | undefined {
  const fix = 'browsers refuse it; renew it and send SIGHUP';
  if (Date.parse(validTo) < nowMs) return `--cert ${path} expired on ${validTo}: ${fix}`;
  if (Date.parse(validFrom) > nowMs) return `--cert ${path} is valid from ${validFrom} on: ${fix}`;
  return undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refuse(message: string, cause?: unknown): SseTableError {
  return new SseTableError('bad_option', message, { cause });
}
