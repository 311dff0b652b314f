/** /proc/self/mountinfo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOurs, mountAt, parseMountInfo, readMountTable } from '../../../src/transport/mount-table.ts';

const TEXT = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
71 24 0:41 / /dev/fwctl rw,nosuid,nodev,relatime shared:5 master:2 - fuse fwctl-emu rw,user_id=0,group_id=0,allow_other
72 71 0:42 / /dev/fwctl rw - tmpfs fwctl-emu rw
80 27 0:50 /sub\\040dir /mnt/a\\040b\\134c\\011d rw - fuse.sshfs me@host:\\040x rw
81 27 0:51 / /mnt/empty rw - tmpfs  rw
broken line
90 27 0:60 / /x rw
`;

test('fields, optional fields and escapes', () => {
  const table = parseMountInfo(TEXT);
  assert.deepEqual(
    table.map((mount) => mount.id),
    [22, 27, 71, 72, 80, 81],
  );
  assert.deepEqual(table[2], {
    id: 71,
    parent: 24,
    device: '0:41',
    root: '/',
    mountPoint: '/dev/fwctl',
    options: ['rw', 'nosuid', 'nodev', 'relatime'],
    fstype: 'fuse',
    source: 'fwctl-emu',
    superOptions: ['rw', 'user_id=0', 'group_id=0', 'allow_other'],
  });
  assert.equal(table[4]?.mountPoint, '/mnt/a b\\c\td');
  assert.equal(table[4]?.root, '/sub dir');
  assert.equal(table[4]?.source, 'me@host: x');
  assert.equal(table[5]?.source, '');
});

test('the mount that one sees is the last at exactly that path', () => {
  const table = parseMountInfo(TEXT);
  assert.equal(mountAt(table, '/dev/fwctl')?.id, 72);
  assert.equal(mountAt(table, '/dev'), undefined);
  assert.equal(mountAt(table, '/dev/fwctl/'), undefined);
});

test('ours: FUSE by our name, and nothing else', () => {
  const [, , ours, tmpfs, sshfs] = parseMountInfo(TEXT);
  assert.deepEqual(
    [ours, tmpfs, sshfs].map((mount) => mount && isOurs(mount)),
    [true, false, false],
  );
});

test("this machine's own table can be read", () => {
  assert.ok(mountAt(readMountTable(), '/proc'));
});
