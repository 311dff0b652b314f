#!/usr/bin/env node
// An image of one layer, in the OCI image layout (opencontainers/image-spec: image-layout.md, config.md, manifest.md).
//
//   packaging/oci-layout.mjs DIRECTORY LAYER.tar LAYER.tar.gz VERSION ARCHITECTURE
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, env } from 'node:process';

const [, , directory, layerTar, layerGzip, version, architecture] = argv;
const created = new Date(Number(env.SOURCE_DATE_EPOCH) * 1000).toISOString();
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Stores a blob: its descriptor. */
function blob(mediaType, bytes, more = {}) {
  const digest = sha256(bytes);
  writeFileSync(`${directory}/blobs/sha256/${digest}`, bytes);
  return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${digest}`, size: bytes.length, ...more };
}
const json = (value) => Buffer.from(JSON.stringify(value));

const layer = blob('layer.v1.tar+gzip', readFileSync(layerGzip));
const config = blob(
  'config.v1+json',
  json({
    created,
    architecture,
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: ['/usr/bin/fwctl-emu'],
      Cmd: ['--help'],
      Labels: { 'org.opencontainers.image.title': 'fwctl-emu', 'org.opencontainers.image.version': version },
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(layerTar))}`] },
    history: [{ created, created_by: 'scripts/packages oci' }],
  }),
);
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const manifest = blob('manifest.v1+json', json({ schemaVersion: 2, mediaType: manifestType, config, layers: [layer] }), {
  platform: { architecture, os: 'linux' },
  annotations: { 'org.opencontainers.image.ref.name': version },
});
writeFileSync(`${directory}/index.json`, json({ schemaVersion: 2, manifests: [manifest] }));
writeFileSync(`${directory}/oci-layout`, json({ imageLayoutVersion: '1.0.0' }));
