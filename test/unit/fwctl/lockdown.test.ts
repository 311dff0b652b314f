import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AbiName, abiProfile } from '../../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../../src/drivers/mlx5/driver.ts';
import { Loopback } from '../../../src/firmware/mlx5/loopback.ts';
import { FwctlClass } from '../../../src/fwctl/class.ts';
import { systemClock } from '../../../src/host/machine/clock.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import { Kmsg } from '../../../src/kernel/kmsg.ts';
import { type LockdownLevel, lockdownText } from '../../../src/kernel/lockdown.ts';
import { Taint } from '../../../src/kernel/taint.ts';
import { InprocessTransport, plainCaller } from '../../../src/transport/inprocess.ts';

const QUERY_HCA_CAP = Uint8Array.from([0x01, 0x00, ...new Array(14).fill(0)]);

/** What each scope from 0 answers, and the taint after that. */
function answers(lockdown: LockdownLevel | undefined, abiName: AbiName = 'linux-7.3', capable = true) {
  const abi = abiProfile(abiName);
  assert.ok(abi);
  const taint = new Taint();
  const fwctl = new FwctlClass({ abi, taint, kmsg: new Kmsg(systemClock), ...(lockdown && { lockdown }) });
  const { fileOps } = fwctl.register(fwctl.alloc(), mlx5Fwctl(new Loopback(), abi));
  const file = new InprocessTransport().openDevice(fileOps, { caller: plainCaller({ capable: () => capable }) });
  return [3, 2, 1, 0, 4].map((scope) => {
    try {
      file.rpc(scope, QUERY_HCA_CAP, 16);
      return `${scope} OK ${taint.value}`;
    } catch (error) {
      assert.ok(error instanceof Errno);
      return `${scope} ${error.name} ${taint.value} ${/lockdown/.test(error.rule) ? 'locked' : ''}`.trim();
    }
  });
}

describe('lockdown', () => {
  it('caps the scope at DEBUG_WRITE, in both levels, before anything is tainted', () => {
    const capped = ['3 EPERM 0 locked', '2 OK 524288', '1 OK 524288', '0 OK 524288', '4 EOPNOTSUPP 524288'];
    assert.deepEqual(answers('integrity'), capped);
    assert.deepEqual(answers('confidentiality'), capped);
  });

  it('leaves all as it is where there is none', () => {
    const plain = ['3 OK 524288', '2 OK 524288', '1 OK 524288', '0 OK 524288', '4 EOPNOTSUPP 524288'];
    assert.deepEqual(answers('none'), plain);
    assert.deepEqual(answers(undefined), plain);
  });

  it('changes nothing in the v2 series, whose driver refuses what writes by itself', () => {
    const refused = [
      '3 EOPNOTSUPP 524288',
      '2 EOPNOTSUPP 524288',
      '1 EBADMSG 524288',
      '0 OK 524288',
      '4 EOPNOTSUPP 524288',
    ];
    assert.deepEqual(answers('integrity', 'v2'), refused);
    assert.deepEqual(answers('none', 'v2'), refused);
  });

  it('asks for the capability first', () => {
    assert.equal(answers('integrity', 'linux-7.3', false)[0], '3 EPERM 0');
  });

  it('is spelled as securityfs does', () => {
    assert.equal(lockdownText('integrity'), 'none [integrity] confidentiality\n');
  });
});
