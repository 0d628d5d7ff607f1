// A self-signed certificate for 127.0.0.1 and localhost, made anew at each call: X.509 v3 in DER by hand (RFC 5280),
// since Node makes keys and signatures but no certificates.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];

const DAY_MS = 86_400_000;

export function makeCertificate(): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = tlv(SEQUENCE, tlv(OID, ECDSA_WITH_SHA256));
  const name = tlv(
    SEQUENCE,
    tlv(SET, tlv(SEQUENCE, tlv(OID, COMMON_NAME), tlv(UTF8_STRING, Buffer.from('localhost')))),
  );
  const names = tlv(
    SEQUENCE,
    tlv(DNS_NAME, Buffer.from('localhost')),
    tlv(IP_ADDRESS, [127, 0, 0, 1]),
  );
  const certificate = tlv(
    SEQUENCE,
    tlv(VERSION, tlv(INTEGER, [2])),
    // Positive, whatever follows.
    tlv(INTEGER, [1, ...randomBytes(8)]),
    algorithm,
    name,
    tlv(SEQUENCE, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(
      EXTENSIONS,
      tlv(SEQUENCE, tlv(SEQUENCE, tlv(OID, SUBJECT_ALT_NAME), tlv(OCTET_STRING, names))),
    ),
  );
  const signature = sign('sha256', certificate, privateKey);
  const signed = tlv(SEQUENCE, certificate, algorithm, tlv(BIT_STRING, [0], signature));
  const lines = signed.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '');
  return tlv(UTC_TIME, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function tlv(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = value;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
