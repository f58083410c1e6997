// Holds cases against @sigstore/verify, unmodified:
//
//     node check.mjs FOLDER-OF-THE-PACKAGE CASE…
//
// prints for each case and check a line: case, check, "accepted" or "refused", detail. What runs is
//   toTrustMaterial        the log's key as a transparency log of a trusted root (dist/trust)
//   verifyTLogInclusion    of a tlog entry: its checkpoint's signature (dist/tlog/checkpoint.js) and the entry's
//                          inclusion under that root (dist/tlog/merkle.js)
//   verifyCheckpoint       the same for a checkpoint that stands alone
// The case's files are described in gocheck/main.go. The package as a whole verifies bundles whose entries are of
// kinds of its own (hashedrekord, dsse, intoto); our entries are none of these, so that its outer door
// (Verifier.verify) cannot be asked.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';

const [folder, ...cases] = process.argv.slice(2);
const require = createRequire(resolve(folder, 'package.json'));
const { toTrustMaterial } = require('@sigstore/verify');
const { verifyTLogInclusion } = require('@sigstore/verify/dist/tlog');
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint');
const { TrustedRoot, TransparencyLogEntry } = require('@sigstore/protobuf-specs');

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

// A trusted root whose only log is the one of this verifier key (name+id+base64 of type and public key).
function trust(vkey) {
  const [name, , ...encoded] = vkey.trim().split('+'); // base64 has a plus of its own
  const material = Buffer.from(encoded.join('+'), 'base64');
  const id = createHash('sha256').update(name).update('\n').update(material).digest();
  const root = TrustedRoot.fromJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: `https://${name}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: Buffer.concat([ED25519_SPKI, material.subarray(1)]).toString('base64'),
          keyDetails: 'PKIX_ED25519',
          validFor: { start: '1970-01-01T00:00:00Z' },
        },
        logId: { keyId: id.toString('base64') },
      },
    ],
  });
  return { tlogs: toTrustMaterial(root).tlogs, id };
}

// Our tlog-proof and entry as the tlog entry that a sigstore bundle carries.
function tlogEntry(proof, body, id) {
  const text = proof.toString('utf8');
  const gap = text.indexOf('\n\n');
  const [first, second, ...hashes] = text.slice(0, gap).split('\n');
  if (gap < 0 || first !== 'c2sp.org/tlog-proof@v1' || !second.startsWith('index ')) {
    throw new Error('this is no tlog-proof');
  }
  const envelope = text.slice(gap + 2);
  const [, treeSize, rootHash] = envelope.split('\n');
  const logIndex = second.slice('index '.length);
  return TransparencyLogEntry.fromJSON({
    logIndex,
    logId: { keyId: id.toString('base64') },
    kindVersion: { kind: 'allweather', version: '1' },
    integratedTime: '0',
    inclusionProof: { logIndex, rootHash, treeSize, hashes, checkpoint: { envelope } },
    canonicalizedBody: body.toString('base64'),
  });
}

function tell(folder, check, run) {
  let line;
  try {
    line = `accepted\t${run()}`;
  } catch (error) {
    line = `refused\t${String(error.message).replaceAll('\n', ' ')}`;
  }
  console.log(`${basename(folder)}\t${check}\t${line}`);
}

for (const one of cases) {
  tell(one, 'checkpoint', () => {
    const { tlogs } = trust(readFileSync(join(one, 'key'), 'utf8'));
    const envelope = readFileSync(join(one, 'log', 'checkpoint'), 'utf8');
    verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } }, tlogs);
    return 1;
  });
  const proofs = join(one, 'proofs');
  if (existsSync(proofs)) {
    tell(one, 'proofs', () => {
      const { tlogs, id } = trust(readFileSync(join(one, 'key'), 'utf8'));
      const names = readdirSync(proofs).filter((name) => name.endsWith('.tlog-proof')).sort();
      if (!names.length) throw new Error('no proof is there');
      for (const name of names) {
        const body = readFileSync(join(proofs, name.replace('.tlog-proof', '.entry')));
        verifyTLogInclusion(tlogEntry(readFileSync(join(proofs, name)), body, id), tlogs);
      }
      return names.length;
    });
  }
}
