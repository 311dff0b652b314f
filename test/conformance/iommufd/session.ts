/**
 * One sequence of an iommufd case file on the in-process transport: descriptors, variables, capabilities and threads of
 * one process, and what iox.c would have printed for each line.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ERRNO, errnoName } from '../../../src/abi/errno.ts';
import type { AnonymousFile } from '../../../src/kernel/anonymous-file.ts';
import type { Caller, DescriptorSlot } from '../../../src/kernel/caller.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import type { FileOps } from '../../../src/kernel/file-ops.ts';
import { type InprocessFile, InprocessTransport, plainCaller } from '../../../src/transport/inprocess.ts';
import { evaluate, type Variables } from './expressions.ts';
import { type IoctlResult, ioctlLine } from './ioctl-line.ts';
import type { CaseMemory } from './regions.ts';

/** What the sequence's node files are, and the log of the mock objects. */
export interface CaseMachine {
  readonly iommu: FileOps;
  readonly vfio: FileOps;
  readonly log: { text: string };
}

/** A line's result, as iox prints it behind "op". */
export type LineResult = Record<string, unknown>;

const CAPABILITIES: Readonly<Record<string, number>> = { ipc_lock: 14, sys_resource: 24, sys_rawio: 17 };
/** Descriptors that the recorder had open itself. */
const FIRST_DESCRIPTOR = 6;

/** An open file of /dev/iommu with its count of descriptors, or one that no ioctl reaches. */
interface Shared {
  descriptors: number;
  readonly file: InprocessFile | 'path' | 'null';
}

interface Thread {
  readonly done: Promise<void>;
  result: LineResult;
  running: boolean;
  readonly started: number;
  ended: number;
}

export class CaseSession {
  private readonly machine: CaseMachine;
  private readonly memory: CaseMemory;
  private readonly transport: InprocessTransport;
  private readonly variables: Variables = new Map();
  private readonly dropped = new Set<number>();
  private readonly names = new Map<string, number>();
  private readonly open = new Map<number, Shared | AnonymousFile | 'reserved'>();
  private readonly threads = new Map<string, Thread>();

  constructor(machine: CaseMachine, memory: CaseMemory) {
    this.machine = machine;
    this.memory = memory;
    this.transport = new InprocessTransport(memory);
  }

  /** Runs one line. `slot` is 0, or the thread's number: where its structures stand. */
  async run(line: string, slot = 0, variables = this.variables): Promise<LineResult> {
    const [first = '', ...rest] = line.split(' ').filter((word) => word !== '');
    const argument = rest[0] ?? '';
    const number = () => Number(evaluate(argument, variables));
    switch (first) {
      case 'open':
        return this.openNode(argument, rest.slice(1));
      case 'close':
        return this.close(this.names.get(argument) ?? -1);
      case 'closenum':
        return this.close(number());
      case 'dup':
        return this.duplicate(argument, rest[1] ?? '');
      case 'sleep':
        await sleep(number());
        return { ret: 0, err: 'OK' };
      case 'dropcap':
        for (const name of rest) this.dropped.add(CAPABILITIES[name] ?? 17);
        return { ret: 0, err: 'OK' };
      // neither is looked at while nothing is pinned
      case 'rlimit':
      case 'mmap':
      case 'munmap':
        return { ret: 0, err: 'OK' };
      case 'vm':
        return { VmLck: 0, VmPin: 0 };
      case 'readnum':
        return this.onAnonymous(number(), (file) => file.read(64).length);
      case 'writenum':
        return this.onAnonymous(number(), (file) => file.write(new Uint8Array(64)));
      case 'pollnum':
        return this.poll(number());
      case 'logclear':
        await sleep(30);
        this.machine.log.text = '';
        return { ret: 0, err: 'OK' };
      case 'log': {
        const { text } = this.machine.log;
        this.machine.log.text = '';
        return { log: text };
      }
      case 'bg':
        return this.background(argument, rest.slice(1).join(' '));
      case 'running':
        return { running: this.threads.get(argument)?.running === true ? 1 : 0 };
      case 'join':
        return this.join(argument);
      case 'obj':
        return this.object(argument, rest[1] ?? '', slot, variables);
      case 'child':
        return this.child(rest, slot);
      default:
        return this.ioctl(first, rest, slot, variables);
    }
  }

  /** The process ends: every descriptor is closed. */
  end(): void {
    for (const descriptor of [...this.open.keys()]) this.close(descriptor);
  }

  private openNode(name: string, options: readonly string[]): LineResult {
    const shared = (file: Shared['file']) => this.place(name, { descriptors: 1, file });
    if (options.includes('path')) return shared('path');
    if (options.includes('null')) return shared('null');
    const fileOps = options.includes('vfio') ? this.machine.vfio : this.machine.iommu;
    return shared(this.transport.openDevice(fileOps, { caller: this.caller() }));
  }

  private place(name: string, file: Shared): LineResult {
    const descriptor = this.lowestFree();
    this.open.set(descriptor, file);
    this.names.set(name, descriptor);
    return { ret: 0, err: 'OK' };
  }

  private lowestFree(): number {
    let descriptor = FIRST_DESCRIPTOR;
    while (this.open.has(descriptor)) descriptor++;
    return descriptor;
  }

  private duplicate(from: string, to: string): LineResult {
    const file = this.open.get(this.names.get(from) ?? -1);
    if (file === undefined || file === 'reserved' || !('descriptors' in file)) return failure(ERRNO.EBADF);
    file.descriptors++;
    return this.place(to, file);
  }

  private close(descriptor: number): LineResult {
    const file = this.open.get(descriptor);
    if (file === undefined || file === 'reserved') return failure(ERRNO.EBADF);
    this.open.delete(descriptor);
    if (!('descriptors' in file)) file.release();
    else if (--file.descriptors === 0 && typeof file.file !== 'string') file.file.close();
    return { ret: 0, err: 'OK' };
  }

  private caller(): Caller {
    return plainCaller({
      capable: (cap) => !this.dropped.has(cap),
      reserveDescriptor: () => this.reserve(),
    });
  }

  private reserve(): DescriptorSlot {
    const number = this.lowestFree();
    this.open.set(number, 'reserved');
    return {
      number,
      install: (file) => this.open.set(number, file),
      putBack: () => this.open.delete(number),
    };
  }

  private onAnonymous(descriptor: number, call: (file: AnonymousFile) => number): LineResult {
    const file = this.open.get(descriptor);
    if (file === undefined || file === 'reserved' || 'descriptors' in file) return failure(ERRNO.EBADF);
    try {
      return { ret: call(file), err: 'OK' };
    } catch (error) {
      if (error instanceof Errno) return failure(error.errno);
      throw error;
    }
  }

  private poll(descriptor: number): LineResult {
    const file = this.open.get(descriptor);
    if (file === undefined || file === 'reserved' || 'descriptors' in file) return { ret: 1, revents: '0x20' };
    return { ret: 1, revents: `0x${file.poll().toString(16)}` };
  }

  private background(name: string, line: string): LineResult {
    const thread = { result: {}, running: true, started: performance.now(), ended: 0 } as Thread;
    const done = this.run(line, this.threads.size + 1).then((result) => {
      thread.result = result;
      thread.running = false;
      thread.ended = performance.now();
    });
    this.threads.set(name, Object.assign(thread, { done }));
    return { ret: 0, err: 'OK' };
  }

  private async join(name: string): Promise<LineResult> {
    const thread = this.threads.get(name);
    if (thread === undefined) return { bad: 'join' };
    await thread.done;
    return { ...thread.result, ms: Math.round((thread.ended - thread.started) / 100) * 100 };
  }

  /** An object of whatever kind there is. */
  private async object(name: string, into: string, slot: number, variables: Variables): Promise<LineResult> {
    const words = (command: string) => [command, `${into}=out_ioas_id`];
    let result = await this.ioctl(name, words('IOAS_ALLOC'), slot, variables);
    if (result.err === 'ENOTTY')
      result = await this.ioctl(name, ['M_ALLOC', 'type=3', `${into}=out_id`], slot, variables);
    return { ret: result.ret, err: result.err };
  }

  /** In a forked child: the same open files, a copy of everything else; its closes are its own. */
  private async child(words: readonly string[], slot: number): Promise<LineResult> {
    if (words[0] === 'close') return { ret: 0, err: 'OK' };
    return this.run(words.join(' '), slot, new Map(this.variables));
  }

  private async ioctl(
    name: string,
    words: readonly string[],
    slot: number,
    variables: Variables,
  ): Promise<LineResult & IoctlResult> {
    const file = this.open.get(this.names.get(name) ?? -1);
    const call = async (cmd: bigint, argument: bigint): Promise<number> => {
      if (file === undefined || file === 'reserved' || !('descriptors' in file) || file.file === 'path') {
        return -ERRNO.EBADF;
      }
      if (file.file === 'null') return -ERRNO.ENOTTY;
      return file.file.ioctlLate(Number(cmd & 0xffffffffn), argument, this.caller());
    };
    return { ...(await ioctlLine(words, slot, variables, this.memory, call)) };
  }
}

function failure(errno: number): LineResult {
  return { ret: -1, err: errnoName(errno) };
}
