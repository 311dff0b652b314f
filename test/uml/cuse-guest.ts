/**
 * Runs in the guest: a CUSE device whose number another has is
 * refused with the reason, and the other one stays as it is.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { CuseDevice } from '../../src/transport/cuse.ts';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { loadNative } from '../../src/transport/native.ts';

const native = loadNative();
const never = () => assert.fail('no connection ends by itself');
const events = { ended: never, bug: never, unreachable: never };
const fileOps = { open: never };
const options = { major: 240, minor: 3, mode: 0o640, uid: 0, gid: 0, fileOps, userNamespace: '' };
const make = (node: string) => new CuseDevice({ ...options, node }, native, new FuseBuffers(native), events);
const descriptors = () => readdirSync('/proc/self/fd').length;

const first = make('fwctl/fwctl3');
const before = descriptors();
assert.throws(() => make('fwctl/other'), {
  message: '/dev/cuse: the kernel has made no /dev/fwctl/other; its name or number 240:3 is taken',
});
await new Promise((resolve) => setTimeout(resolve, 100));
assert.equal(descriptors(), before);
assert.deepEqual([existsSync(first.path), first.number], [true, { major: 240, minor: 3 }]);
first.close();
assert.doesNotMatch(readFileSync('/proc/devices', 'utf8'), /fwctl/);
make('fwctl/other').close();
process.stdout.write('refused, and free again\n');
process.exit();
