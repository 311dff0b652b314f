/**
 * `serve --workers N`, seen from the main thread: the devices are divided among N workers, each with an event loop of its own; what a machine
 * has once is here: its directory, control socket, log and trace.
 */
import type { DividedMachine } from '../../control/divided.ts';
import type { Method } from '../../control/method.ts';
import { METHODS } from '../../control/methods.ts';
import { ControlError } from '../../control/protocol.ts';
import type { DeviceFacts, DeviceSpec } from '../../host/host-device.ts';
import type { Machine } from '../machine.ts';
import type { DevicesPart, TransportSession } from '../parts.ts';
import { serviceEnd } from '../session-events.ts';
import type { NodeDirectory } from './directory.ts';
import { type News, WorkerLink } from './link.ts';
import type { Asked, NumberedSpec, Placing, WorkerStart } from './protocol.ts';

interface Served {
  readonly device: DeviceFacts;
  readonly link: WorkerLink;
}

export class Workers implements DevicesPart, DividedMachine {
  private readonly machine: Machine;
  private readonly count: number;
  private readonly links: WorkerLink[] = [];
  /** Plugged devices by name, in the order of plugging. */
  private readonly served = new Map<string, Served>();
  /** Of nodes, in the order of their first plug. */
  private readonly names = new Set<string>();
  /** The worker that had a device at an address has the address's state, and gets the next one there too. */
  private readonly homes = new Map<string, WorkerLink>();
  /** For the start. */
  private readonly configured: DeviceSpec[] = [];
  /** When it is fulfilled, no work that is to be alone is under way. */
  private turn: Promise<unknown> = Promise.resolve();
  private directory: NodeDirectory | undefined;
  private readonly service = serviceEnd();

  constructor(machine: Machine, count: number) {
    this.machine = machine;
    this.count = count;
  }

  /** Plugged with all others when the service starts. */
  configure(spec: DeviceSpec): void {
    this.configured.push(spec);
  }

  devices(): readonly DeviceFacts[] {
    return [...this.served.values()].map(({ device }) => device);
  }

  nodeNames(): readonly string[] {
    return [...this.names];
  }

  forgetNames(): void {
    this.names.clear();
    for (const { device } of this.served.values()) this.nameNodes(device);
  }

  /** Starts the workers, and plugs the devices. `directory`: where their nodes are; undefined: CUSE makes them. */
  async start(start: WorkerStart, directory: NodeDirectory | undefined): Promise<TransportSession> {
    this.directory = directory;
    void directory?.ended.then(this.service.end);
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= this.close();
      return closing;
    };
    try {
      for (let i = 0; i < this.count; i++) this.links.push(this.link(start));
      await this.machine.trace.onWants((wants) => this.tell({ kind: 'trace', wants }));
      await this.machine.record.onRecording((recording) => this.tell({ kind: 'record', recording }));
      await this.plugConfigured();
    } catch (error) {
      await close();
      throw error;
    }
    return { ended: this.service.ended, close };
  }

  settle(): void {
    for (const link of this.links) link.settle();
  }

  inTurn<T>(alone: boolean, work: () => T | Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    if (alone) this.turn = done.catch(() => {});
    return done;
  }

  ask(device: string, method: Method, params: object): Promise<unknown> {
    const served = this.served.get(device);
    if (served === undefined) throw new Error(`no worker has ${device}`);
    return served.link.ask({ kind: 'call', method: METHODS.indexOf(method), params });
  }

  askAll(method: Method, params: object): Promise<readonly unknown[]> {
    const order = { kind: 'call', method: METHODS.indexOf(method), params } as const;
    return Promise.all(this.links.map((link) => link.ask(order)));
  }

  async plug(specs: readonly DeviceSpec[]): Promise<readonly DeviceFacts[]> {
    const names: string[] = [];
    try {
      for (const spec of specs) names.push(await this.plugOne(spec));
    } catch (error) {
      // one that a fault or somebody else has unplugged meanwhile is gone already
      for (const name of names.reverse()) await this.unplug(name).catch(() => {});
      throw new ControlError(409, 'not_plugged', (error as Error).message);
    }
    return names.flatMap((name) => this.served.get(name)?.device ?? []);
  }

  private async plugOne(spec: DeviceSpec): Promise<string> {
    const { pci } = spec;
    const holder = this.devices().find((device) => pci !== undefined && device.spec.pci === pci);
    if (holder !== undefined) throw new Error(`${pci} is taken by ${holder.name}`);
    return (await plugIn(this.workerFor(pci), [{ spec, numbers: undefined }]))[0] ?? '';
  }

  /** The one with the fewest devices; for one that is on no bus the first, which then knows whether there is one already. */
  private workerFor(pci: string | undefined): WorkerLink | undefined {
    if (pci === undefined) return this.links[0];
    return this.homes.get(pci) ?? [...this.links].sort((a, b) => this.load(a) - this.load(b))[0];
  }

  private load(link: WorkerLink): number {
    return [...this.served.values()].filter((served) => served.link === link).length;
  }

  private async unplug(name: string): Promise<void> {
    const method = METHODS.find(({ verb }) => verb === 'unplug');
    if (method !== undefined) await this.ask(name, method, { device: name });
  }

  /** All workers at once. */
  private async plugConfigured(): Promise<void> {
    const parts = deal(this.configured, this.links.length);
    const names: string[] = [];
    await Promise.all(
      parts.map(async (part, i) => {
        const given = await plugIn(this.links[i], part);
        part.forEach(({ place }, k) => {
          names[place] = given[k] ?? '';
        });
      }),
    );
    // in the order of the configuration, not in that in which the workers were ready
    const served = names.flatMap((name) => this.served.get(name) ?? []);
    this.served.clear();
    this.names.clear();
    for (const { device, link } of served) this.serve(device, link);
  }

  private serve(device: DeviceFacts, link: WorkerLink): void {
    // the last, though the name may be known
    this.served.delete(device.name);
    this.served.set(device.name, { device, link });
    if (device.spec.pci !== undefined) this.homes.set(device.spec.pci, link);
    this.nameNodes(device);
  }

  private nameNodes({ nodes }: DeviceFacts): void {
    for (const { name } of nodes) this.names.add(name);
  }

  private link(start: WorkerStart): WorkerLink {
    const link: WorkerLink = new WorkerLink(start, {
      news: (news) => this.take(news, link),
      place: (placing) => this.place(placing),
      ended: (reason) => this.service.end(reason),
    });
    return link;
  }

  private async place({ act, node }: Placing): Promise<string> {
    if (act === 'show') return (await this.directory?.show(node)) ?? '';
    this.directory?.hide(node);
    return '';
  }

  private take(news: News, link: WorkerLink): void {
    const { host, trace, record } = this.machine;
    switch (news.kind) {
      case 'plugged':
        return this.serve(news.device, link);
      case 'unplugged':
        // another worker, whose news came first, may have given the name to a device already
        if (this.served.get(news.name)?.link === link) this.served.delete(news.name);
        return;
      case 'mounted':
        return this.directory?.mounted(news.node);
      case 'kmsg':
        return host.kmsg.take(news.record);
      case 'taint':
        return host.taint.announce();
      case 'event':
        return trace.hand(news.event);
      case 'recorded':
        return record.fill(news.recording, news.place, news.line, news.exchange);
      case 'ended':
        return this.service.end(news.reason);
    }
  }

  /** Resolves when all workers know. */
  private async tell(asked: Asked): Promise<void> {
    await Promise.all(this.links.map((link) => link.ask(asked)));
  }

  private async close(): Promise<void> {
    this.directory?.close();
    await Promise.all(this.links.map((link) => link.close()));
  }
}

/**
 * The devices of the start in turn to each worker, with their places in the configuration and the numbers that these give them: nobody has
 * one yet. Those that are on no bus go to the first.
 */
function deal(specs: readonly DeviceSpec[], workers: number): readonly (NumberedSpec & { readonly place: number })[][] {
  const parts = Array.from({ length: workers }, (): (NumberedSpec & { readonly place: number })[] => []);
  const functions = new Map<DeviceSpec['driver'], number>();
  let device = 0;
  specs.forEach((spec, place) => {
    if (spec.pci === undefined) {
      parts[0]?.push({ spec, place, numbers: undefined });
      return;
    }
    const number = functions.get(spec.driver) ?? 0;
    functions.set(spec.driver, number + 1);
    parts[device % workers]?.push({ spec, place, numbers: { device, function: number } });
    device++;
  });
  return parts;
}

async function plugIn(link: WorkerLink | undefined, specs: readonly NumberedSpec[]): Promise<readonly string[]> {
  return (await link?.ask({ kind: 'plug', specs })) as readonly string[];
}
