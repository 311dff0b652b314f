import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRNO } from '../../../src/abi/errno.ts';
import { Held } from '../../../src/abi/held.ts';
import type { Call } from '../../../src/kernel/call.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import type { OpenFile } from '../../../src/kernel/file-ops.ts';
import { plainCaller } from '../../../src/transport/inprocess.ts';
import { InprocessCall } from '../../../src/transport/inprocess-call.ts';
import { isRefusal, MemoryUnavailable, OpenFiles, type ServedFile } from '../../../src/transport/open-files.ts';
import { UserMemory } from '../../../src/transport/user-memory.ts';

const CALLER = plainCaller();
const NO = new Errno('EPERM', 'a rule');

/** A connection whose files do what the test says; `log` has what happened, in order. */
function connection(ioctl: OpenFile['ioctl'] = () => 0) {
  const log: string[] = [];
  const files = new OpenFiles({
    bug: (error) => log.push(`bug ${(error as Error).message}`),
    unreachable: (error) => log.push(`unreachable ${error.message}`),
  });
  files.onUnused = () => log.push('unused');
  let opened = 0;
  const openFile = (name = `${++opened}`): OpenFile => ({ ioctl, release: () => log.push(`release ${name}`) });
  const open = (): ServedFile => {
    const file = files.open({ open: () => openFile() }, CALLER, 2);
    assert.ok(!isRefusal(file) && !(file instanceof Held));
    return file;
  };
  const call = Object.assign(new InprocessCall(new UserMemory(), CALLER), { abandon: () => log.push('abandon') });
  return { files, log, open, openFile, call };
}

/** What an answer is or became, as text. */
function text(files: OpenFiles, answer: unknown): string {
  if (answer instanceof Held) return answer.released ? `late ${text(files, answer.get())}` : 'held';
  return isRefusal(answer) ? `-${files.errnoOf(answer)}` : String(answer);
}

describe('OpenFiles', () => {
  it('gives handles, and a closed one to the next', () => {
    const { files, log, open } = connection();
    const [first, second] = [open(), open()];
    assert.deepEqual([first.handle, second.handle, files.get(1), files.get(7)], [0, 1, second, undefined]);
    files.close(first);
    files.close(first);
    assert.equal(files.get(0), undefined);
    assert.deepEqual([open().handle, open().handle], [0, 2]);
    assert.deepEqual([log, files.inUse], [['release 1'], true]);
  });

  it('tells once when nothing is open any more', () => {
    const { files, log, open } = connection();
    const both = [open(), open()];
    for (const file of both) files.close(file);
    assert.deepEqual([log, files.inUse], [['release 1', 'release 2', 'unused'], false]);
  });

  it('catches what an open or an ioctl throws: a refusal is a value, a bug is told and EIO', () => {
    const thrown = [NO, new TypeError('ours'), new MemoryUnavailable('Yama')];
    const seen = thrown.map((error) => {
      const refuse = () => {
        throw error;
      };
      const { files, log, open, call } = connection(refuse);
      const answers = [files.ioctl(open(), call), files.open({ open: refuse }, CALLER, 2)];
      const quiet = [...log];
      return [quiet, answers.map((answer) => text(files, answer)), log.slice(quiet.length)];
    });
    assert.deepEqual(seen, [
      [[], [`-${ERRNO.EPERM}`, `-${ERRNO.EPERM}`], []],
      [['bug ours', 'bug ours'], [`-${ERRNO.EIO}`, `-${ERRNO.EIO}`], []],
      // told where it is answered only: a transport may have another way to the memory
      [[], [`-${ERRNO.EFAULT}`, `-${ERRNO.EFAULT}`], ['unreachable Yama', 'unreachable Yama']],
    ]);
  });

  it('leaves a bug to its caller where the transport says so, and the file usable', () => {
    let fails = true;
    const files = new OpenFiles({
      bug(error) {
        throw error;
      },
      unreachable() {},
    });
    const { call } = connection();
    let released = 0;
    const ioctl = () => {
      if (fails) throw new TypeError('ours');
      return 5;
    };
    const file = files.open({ open: () => ({ ioctl, release: () => released++ }) }, CALLER, 2) as ServedFile;
    assert.throws(() => files.ioctl(file, call), TypeError);
    fails = false;
    assert.equal(files.ioctl(file, call), 5);
    files.close(file);
    assert.equal(released, 1);
  });

  it('takes a held answer when it is let go, whether or not anybody collects it', () => {
    const holds: Held<number>[] = [];
    const { files, log, open, call } = connection(() => {
      const held = new Held<number>();
      holds.push(held);
      return held;
    });
    const file = open();
    const answers = [0, 1, 2].map(() => files.ioctl(file, call));
    assert.deepEqual(
      answers.map((answer) => text(files, answer)),
      ['held', 'held', 'held'],
    );
    const produce = [
      () => 7,
      () => {
        throw NO;
      },
      () => {
        throw new TypeError('ours');
      },
    ];
    holds.forEach((held, i) => {
      held.release(() => {
        log.push(`taken ${i}`);
        return (produce[i] as () => number)();
      });
    });
    assert.deepEqual(log, ['taken 0', 'taken 1', 'taken 2']);
    assert.deepEqual(
      answers.map((answer) => text(files, answer)),
      ['late 7', `late -${ERRNO.EPERM}`, `late -${ERRNO.EIO}`],
    );
    assert.deepEqual(log.slice(3), ['bug ours']);
  });

  it('keeps a closed file for its calls in flight, and takes no new ones', () => {
    const holds = [new Held<number>(), new Held<number>()];
    let calls = 0;
    const { files, log, open, call } = connection(() => holds[calls++] as Held<number>);
    const file = open();
    const answers = [files.ioctl(file, call), files.ioctl(file, call)];
    files.close(file);
    assert.equal(text(files, files.ioctl(file, call)), `-${ERRNO.EBADF}`);
    assert.deepEqual([calls, log, files.inUse], [2, [], true]);
    holds[1]?.release(() => log.push('taken'));
    assert.deepEqual(log, ['taken']);
    holds[0]?.release(() => log.push('taken'));
    assert.deepEqual(log, ['taken', 'taken', 'release 1', 'unused']);
    assert.deepEqual(
      answers.map((answer) => text(files, answer)),
      ['late 2', 'late 1'],
    );
  });

  it('keeps a file that is closed from within its own ioctl until that returns', () => {
    const inside: (() => void)[] = [];
    const { files, log, open, call } = connection(() => {
      for (const act of inside) act();
      return 3;
    });
    const file = open();
    inside.push(() => files.close(file));
    inside.push(() => log.push('goes on'));
    assert.equal(files.ioctl(file, call), 3);
    assert.deepEqual(log, ['goes on', 'release 1', 'unused']);
  });

  it('counts an open that the device holds back', () => {
    const { files, log, openFile } = connection();
    const slow = () => {
      const held = new Held<OpenFile>();
      return { held, answer: files.open({ open: () => held }, CALLER, 2) };
    };
    const [refused, given] = [slow(), slow()];
    assert.deepEqual([text(files, given.answer), files.inUse], ['held', true]);
    refused.held.release(() => {
      throw NO;
    });
    assert.deepEqual([text(files, refused.answer), files.inUse, log], [`late -${ERRNO.EPERM}`, true, []]);
    given.held.release(() => openFile('slow'));
    assert.ok(given.answer instanceof Held);
    files.close(given.answer.get() as ServedFile);
    const alone = slow();
    alone.held.release(() => {
      throw NO;
    });
    assert.deepEqual(log, ['release slow', 'unused', 'unused']);
  });

  it('ends with what is open, once, and writes nothing to the callers that it lets go', () => {
    const held = new Held<number>();
    const { files, log, open, openFile, call } = connection((_: Call) => held);
    const file = open();
    open();
    files.ioctl(file, call);
    const late = new Held<OpenFile>();
    files.open({ open: () => late }, CALLER, 2);
    files.end();
    files.end();
    assert.deepEqual(log.splice(0), ['release 1', 'release 2']);
    held.release(() => log.push('taken'));
    files.close(file);
    late.release(() => openFile('late'));
    assert.deepEqual([log.slice(0, 3), files.inUse], [['abandon', 'taken', 'release late'], false]);
  });
});
