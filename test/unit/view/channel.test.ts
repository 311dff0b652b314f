import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { Channel } from '../../../src/view/channel.ts';
import { optionalStep, step } from '../../../src/view/steps.ts';
import { stepError, ViewError } from '../../../src/view/view-error.ts';

/** A peer that answers as `answer` says for each write; undefined ends the stream. */
function peer(answer: (written: string) => readonly string[] | undefined): Duplex {
  const duplex: Duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const texts = answer(chunk.toString());
      if (texts === undefined) duplex.push(null);
      for (const text of texts ?? []) duplex.push(text);
      done();
    },
  });
  return duplex;
}

const mark = (written: string) => `say ${/say\0([^\0]*)\0$/.exec(written)?.[1]}\n`;

describe('Channel', () => {
  it('resolves when the other end has carried out a batch, however the line is cut', async () => {
    const channel = new Channel(
      peer((written) => {
        const line = mark(written);
        return [line.slice(0, 5), line.slice(5)];
      }),
    );
    await channel.run([step('private')]);
    await channel.run([step('private')]);
    assert.deepEqual(channel.skipped, []);
  });

  it('names the step that failed, by its number over all batches', async () => {
    let batch = 0;
    const channel = new Channel(peer((written) => (batch++ === 0 ? [mark(written)] : ['fail 3 13\n'])));
    await channel.run([step('private')]); // steps 0 and 1, with its say
    await assert.rejects(channel.run([step('private'), step('fuse', '/t/fuse', '')]), (error) => {
      assert.ok(error instanceof ViewError);
      assert.deepEqual([error.step?.kind, error.errno], ['fuse', 13]);
      assert.match(error.message, /fuse \/t\/fuse.*EACCES.*chmod 0666 \/dev\/fuse/);
      return true;
    });
  });

  it('collects steps that were allowed to fail', async () => {
    const channel = new Channel(peer((written) => ['skip 0 2\n', mark(written)]));
    const gone = optionalStep('bind', '/dev/gone', '/t/dev/gone');
    await channel.run([gone]);
    assert.deepEqual(channel.skipped, [{ step: gone, errno: 'ENOENT' }]);
  });

  it('rejects when the other end dies, before or during a batch, and when it talks nonsense first', async () => {
    await assert.rejects(new Channel(peer(() => undefined)).run([step('private')]), /ended early/);
    let batch = 0;
    const noisy = new Channel(
      peer(() =>
        batch++ === 0
          ? ['fail\n', 'fail x y\n', 'fail 99 1\n', '\n', 'say other\n', '\0\n', 'skip 7 1\n', 'say at 2']
          : [],
      ),
    );
    const running = noisy.run([step('private')]);
    setImmediate(() => noisy.close());
    await assert.rejects(running, /ended early/);
    await assert.rejects(noisy.run([step('private')]), /ended early/);
  });

  it('takes the end of the stream for the start of the command', async () => {
    await new Channel(peer(() => undefined)).exec(1);
  });
});

describe('stepError', () => {
  it('says step, errno and remedy', () => {
    assert.match(stepError(step('fuse', '/t/fuse', ''), 2).message, /fuse \/t\/fuse.*ENOENT; there is no \/dev\/fuse/);
    assert.match(stepError(step('namespaces', 'root'), 1).message, /namespaces root: EPERM; .*(sysctl|forbidden)/);
    assert.match(stepError(step('move', '/a', '/b'), 9999).message, /move \/a \/b: errno 9999$|move \/a \/b: .*9999/);
  });
});
