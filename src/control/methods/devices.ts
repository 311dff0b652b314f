/** list, info, plug, unplug, replug: the devices of the machine. */
import type { Held } from '../../abi/held.ts';
import type { DeviceSpec, FunctionSpec } from '../../host/config/device-spec.ts';
import { type Host, isFunction } from '../../host/machine/host.ts';
import type { HostDevice } from '../../host/machine/host-device.ts';
import { columns } from '../columns.ts';
import type { ControlContext } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { type AnswerOf, DEVICE_PARAM, type Method, method, type PlainValue } from '../method.ts';
import type { Client } from '../owner.ts';
import { ControlError } from '../protocol.ts';
import { refusedFor } from '../spec-reader.ts';

const DEVICE_SCHEMA = {
  type: 'object',
  required: ['name', 'driver', 'profile', 'pci', 'mode', 'uid', 'gid', 'open_files'],
  properties: {
    name: { type: 'string', examples: ['fwctl0'] },
    driver: { type: 'string', examples: ['mlx5'] },
    profile: { type: 'string', examples: ['connectx6dx'] },
    // null: the device is on no bus
    pci: { type: ['string', 'null'], examples: ['0000:00:0a.0'] },
    mode: { type: 'string', description: 'permission bits, octal', examples: ['0600'] },
    uid: { type: 'integer' },
    gid: { type: 'integer' },
    open_files: { type: 'integer' },
  },
} as const;

const INFO_SCHEMA = {
  ...DEVICE_SCHEMA,
  properties: {
    ...DEVICE_SCHEMA.properties,
    pci_driver: { type: ['string', 'null'] },
    auxiliary: { type: ['string', 'null'] },
    set: { type: 'object', description: 'values of its configuration that are not the profile’s' },
    identity: { type: 'object' },
    held: { type: 'integer', description: 'answers held back now' },
    calls: { type: 'integer', description: 'ioctls since the start' },
  },
} as const;

const GONE_SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    waiting: { type: 'boolean', description: 'calls are still in flight; the device is gone when they have ended' },
  },
} as const;

const PLUGGED_SCHEMA = {
  type: 'object',
  properties: { plugged: { type: 'array', items: DEVICE_SCHEMA } },
} as const;

const WAIT = { kind: 'flag', about: 'Answer only when the calls in flight have ended, as the kernel does' } as const;

function answerOf({ stats }: ControlContext, { name, spec }: HostDevice): AnswerOf<typeof DEVICE_SCHEMA> {
  const counts = stats.of(name);
  const { driver, profile, pci = null, mode, uid, gid } = spec;
  const octal = `0${mode.toString(8)}`;
  return { name, driver, profile, pci, mode: octal, uid, gid, open_files: counts?.openFiles ?? 0 };
}

function infoOf(context: ControlContext, device: HostDevice): AnswerOf<typeof INFO_SCHEMA> {
  const counts = context.stats.of(device.name);
  const { parents } = device;
  const plain = (value: bigint | PlainValue): PlainValue => (typeof value === 'bigint' ? String(value) : value);
  const set = Object.entries(device.spec.overrides).map(([name, value]) => [name, plain(value)]);
  return {
    ...answerOf(context, device),
    pci_driver: parents.find(({ bus }) => bus === 'pci')?.driver ?? null,
    auxiliary: parents.find(({ bus }) => bus === 'auxiliary')?.name ?? null,
    set: Object.fromEntries(set),
    identity: device.live?.identity() ?? {},
    held: counts?.held ?? 0,
    calls: counts?.counts?.calls().reduce((sum, { count }) => sum + count, 0) ?? 0,
  };
}

/** How long others wait while many devices are plugged, ms. */
const SLICE_MS = 8;

/** Either all of them are plugged, or none; others are served in between. Rejects with ControlError. */
export async function plugAll(host: Host, specs: readonly DeviceSpec[], client: Client): Promise<HostDevice[]> {
  const plugged: HostDevice[] = [];
  let until = performance.now() + SLICE_MS;
  for (const spec of specs) {
    if (performance.now() > until) {
      await new Promise((resolve) => setImmediate(resolve));
      until = performance.now() + SLICE_MS;
    }
    try {
      plugged.push(host.plug(spec));
    } catch (error) {
      // Somebody may have unplugged one of them already.
      const there = new Set(host.devices());
      for (const device of plugged.reverse()) if (there.has(device)) host.unplug(device.name);
      throw refusedFor(client, error);
    }
  }
  return plugged;
}

/** Throws ControlError. */
function refuseBuiltIn({ name, spec }: HostDevice): void {
  if (spec.pci !== undefined) return;
  const why = 'is on no bus, and goes with the machine; unplug a device that has an address';
  throw new ControlError(409, 'not_unplugged', `${name} ${why}`);
}

/** Takes the device away, or throws ControlError; with `wait` resolves when its calls have ended. */
async function unplug(host: Host, device: HostDevice, wait: boolean): Promise<AnswerOf<typeof GONE_SCHEMA>> {
  const { name } = device;
  refuseBuiltIn(device);
  return gone(name, host.unplug(name), wait);
}

async function gone(
  name: string,
  late: Held<undefined> | undefined,
  wait: boolean,
): Promise<AnswerOf<typeof GONE_SCHEMA>> {
  if (late === undefined) return { name, waiting: false };
  if (!wait) return { name, waiting: true };
  await new Promise<void>((resolve) => late.onRelease(resolve));
  return { name, waiting: false };
}

/** Throws ControlError: the old one is there as before. */
function replugged(host: Host, name: string, spec: FunctionSpec, client: Client): ReturnType<Host['replug']> {
  try {
    return host.replug(name, spec);
  } catch (error) {
    const { message } = refusedFor(client, error);
    throw new ControlError(409, 'not_plugged', `${message} (${name} is there as before)`);
  }
}

async function plug(
  context: ControlContext,
  client: Client,
  text: string,
  profile?: string,
): Promise<AnswerOf<typeof PLUGGED_SCHEMA>> {
  return context.turns.take(async () => {
    const { host } = context;
    const taken = host.devices().flatMap((device) => device.spec.pci ?? []);
    const plugged = await plugAll(host, await context.specs.read({ text, profile, client, taken }), client);
    return { plugged: plugged.map((device) => answerOf(context, device)) };
  });
}

const pluggedText = ({ plugged }: AnswerOf<typeof PLUGGED_SCHEMA>) =>
  plugged.map(({ name, pci }) => `${name} is plugged at ${pci}`).join('\n');

const SPEC = {
  kind: 'text',
  about: 'What to plug, e.g. connectx6dx,pci=0000:03:00.0',
  required: true,
  argument: 'SPEC',
  max: 4096,
  example: 'connectx6dx',
} as const;

/** What `plug` asks for when the client reads the file itself. */
const PLUG_PROFILE = method({
  http: 'POST',
  path: '/v1/plug-profile',
  about: 'plug a device of a profile whose text comes along',
  help: `For who may use the socket and is neither the emulator's own user nor root, whose paths it does not look at: the text counts as what is at the
path in SPEC. It stays the device's with replug.`,
  params: {
    spec: {
      ...SPEC,
      about: 'As for POST /v1/devices; the path of its profile is a name',
      example: '/home/me/mine.yaml',
    },
    profile: { kind: 'content', about: "The profile's text", required: true, example: 'base: connectx6dx' },
  },
  answer: PLUGGED_SCHEMA,
  handle: ({ spec, profile }, context, client) => plug(context, client, spec, profile),
  text: pluggedText,
});

const waitingText = (waiting: boolean) => (waiting ? ' (calls in flight still hold it)' : '');

export const DEVICE_METHODS: readonly Method[] = [
  method({
    verb: 'list',
    http: 'GET',
    path: '/v1/devices',
    about: 'list the plugged devices',
    params: {},
    answer: {
      type: 'object',
      properties: { abi: { type: 'string' }, devices: { type: 'array', items: DEVICE_SCHEMA } },
    },
    handle: (_, context) => ({
      abi: context.host.abi.name,
      devices: context.host.devices().map((device) => answerOf(context, device)),
    }),
    text: ({ devices }) =>
      devices.length === 0
        ? 'no device is plugged'
        : columns(
            [
              ['NAME', 'DRIVER', 'PROFILE', 'PCI', 'MODE', 'OPEN'],
              ...devices.map((d) => [d.name, d.driver, d.profile, d.pci ?? '-', d.mode, String(d.open_files)]),
            ],
            [5],
          ),
  }),
  method({
    verb: 'info',
    http: 'GET',
    path: '/v1/devices/{device}',
    about: 'tell all of one device',
    help: 'Example:\n  fwctl-emu info fwctl0',
    params: { device: DEVICE_PARAM },
    answer: INFO_SCHEMA,
    handle: ({ device }, context) => infoOf(context, findDevice(context.host, device)),
    text(info) {
      const { identity, set, ...rest } = info;
      const line = ([name, value]: readonly [string, unknown]) => [`${name}:`, value === null ? '-' : String(value)];
      return columns([
        ...Object.entries(rest).map(line),
        ...Object.entries(identity).map(([name, value]) => line([`identity.${name}`, value])),
        ...Object.entries(set).map(([name, value]) => line([`set.${name}`, value])),
      ]);
    },
  }),
  method({
    verb: 'plug',
    http: 'POST',
    path: '/v1/devices',
    about: 'plug a device into the running machine',
    help: `SPEC is what --device of "run" and "serve" takes: PROFILE[,KEY=VALUE]... or KEY=VALUE[,KEY=VALUE]...
(keys: driver, profile, pci, count, mode, owner, group, set.NAME; see "fwctl-emu run --help"). A profile's file is read by the emulator
for its own user and root, anew with each replug; for others by this verb, which sends its text.

Examples:
  fwctl-emu plug connectx6dx
  fwctl-emu plug connectx6dx,pci=0000:03:00.0,count=2,mode=0666
  fwctl-emu plug connectx6dx,set.caps.GENERAL.log_max_qp=10`,
    params: { spec: SPEC },
    async local(values, refused) {
      const { profileArgument } = await import('../profile-argument.ts');
      const sent = profileArgument(values, refused);
      return sent && [sent.profile === undefined ? undefined : PLUG_PROFILE, sent];
    },
    answer: PLUGGED_SCHEMA,
    handle: ({ spec }, context, client) => plug(context, client, spec),
    text: pluggedText,
  }),
  PLUG_PROFILE,
  method({
    verb: 'unplug',
    http: 'DELETE',
    path: '/v1/devices/{device}',
    about: 'take a device away: its open files get ENODEV',
    help: `The node goes at once, then every context of the firmware. Calls in flight end first, as in fwctl_unregister(): until they have
(see --wait), a new open or call waits too. The number is free again when the last open file is closed.

Example:
  fwctl-emu unplug fwctl0`,
    params: { device: DEVICE_PARAM, wait: WAIT },
    answer: GONE_SCHEMA,
    handle: ({ device, wait = false }, { host }) => unplug(host, findDevice(host, device), wait),
    text: ({ name, waiting }) => `${name} is unplugged${waitingText(waiting)}`,
  }),
  method({
    verb: 'replug',
    http: 'POST',
    path: '/v1/devices/{device}/replug',
    about: 'unplug a device and plug the same again, fresh from power-up',
    help: `Everything that was set or written is gone. While a file of the old one is open, the new one has another number.

Example:
  fwctl-emu replug fwctl0`,
    params: { device: DEVICE_PARAM, wait: WAIT },
    answer: { type: 'object', properties: { unplugged: GONE_SCHEMA, plugged: DEVICE_SCHEMA } },
    async handle({ device, wait = false }, context, client) {
      const { host } = context;
      const found = findDevice(host, device);
      refuseBuiltIn(found);
      const { name } = found;
      const again = await context.specs.again(found.spec, client);
      if (!isFunction(again)) throw new Error(`${name} has no address`);
      const { device: plugged, late } = replugged(host, name, again, client);
      const answer = answerOf(context, plugged);
      return { unplugged: await gone(name, late, wait), plugged: answer };
    },
    text: ({ unplugged, plugged }) =>
      `${unplugged.name} is unplugged${waitingText(unplugged.waiting)}; ${plugged.name} is plugged at ${plugged.pci}`,
  }),
];
