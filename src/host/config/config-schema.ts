/**
 * A configuration file's shape: types, keys, their meaning. `fwctl-emu check --schema` prints it as JSON Schema: an
 * editor refuses what config.ts does. What no type says (is there the profile, is the address free): device-entry.ts.
 */
import { z } from 'zod';
import { DEFAULT_ABI } from '../../abi/profiles.ts';
import { LOCKDOWN_LEVELS } from '../../kernel/lockdown.ts';
import { ABI_NAMES } from './abi-name.ts';
import type { DeviceCatalogue } from './device-entry.ts';
import { DEVICE_KEYS, type DeviceKey, MAX_COUNT, ownKeys } from './device-keys.ts';
import type { DriverKey } from './driver-key.ts';

/** What a wrong type is answered; the value that was found is put behind it. */
const WRONG = {
  text: 'must be text',
  digits: 'must be octal digits, e.g. 0660',
  account: 'must be a name or a number',
  count: `must be a whole number from 1 to ${MAX_COUNT}`,
  set: 'must be a list of NAME: VALUE lines',
  switch: 'must be true or false',
  data: 'must be a list, or lines of NAME: VALUE',
  value: 'must be a whole number, text, true or false',
  device: 'must be a list of KEY: VALUE lines, e.g. "- profile: connectx6dx"',
  devices: 'must be a list, each device starting with "- "',
  fault: 'must be text, e.g. "rpc:opcode=NOP:error=EIO"',
  faults: 'must be a list, each fault starting with "- "',
  file: 'a configuration is a list of KEY: VALUE lines, e.g. "abi: latest"',
} as const;

const describe = (key: DeviceKey) => ({ description: DEVICE_KEYS[key].about, examples: [DEVICE_KEYS[key].example] });
const textOrNumber = (error: string) => z.union([z.string(), z.int({ error })], { error });
const overrideValue = z.union([z.string(), z.int(), z.bigint(), z.boolean()], { error: WRONG.value });

const deviceShape = {
  driver: z.string({ error: WRONG.text }).meta(describe('driver')).optional(),
  profile: z.string({ error: WRONG.text }).meta(describe('profile')).optional(),
  pci: z.string({ error: WRONG.text }).meta(describe('pci')).optional(),
  count: z
    .int({ error: WRONG.count })
    .min(1, WRONG.count)
    .max(MAX_COUNT, WRONG.count)
    .meta(describe('count'))
    .optional(),
  mode: textOrNumber(WRONG.digits).meta(describe('mode')).optional(),
  owner: textOrNumber(WRONG.account).meta(describe('owner')).optional(),
  group: textOrNumber(WRONG.account).meta(describe('group')).optional(),
  surroundings: z.string({ error: WRONG.text }).meta(describe('surroundings')).optional(),
} satisfies Record<Exclude<DeviceKey, NamedValues>, z.ZodType>;

type NamedValues = 'set' | 'live';
const namedValues = (key: NamedValues) =>
  z.record(z.string(), overrideValue, { error: WRONG.set }).meta(describe(key)).optional();

const OWN_TYPES = {
  text: z.string({ error: WRONG.text }),
  number: textOrNumber(WRONG.text),
  switch: z.union([z.boolean(), z.string(), z.int()], { error: WRONG.switch }),
  data: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())], { error: WRONG.data }),
} as const satisfies Record<DriverKey<unknown>['takes'], z.ZodType>;

/** The shape of a device: the keys of every device, and the drivers' own. */
function deviceSchema({ drivers }: DeviceCatalogue) {
  const own = Object.entries(ownKeys(drivers)).map(([key, { takes, about, example }]) => [
    key,
    OWN_TYPES[takes].meta({ description: about, examples: [example] }).optional(),
  ]);
  return z.strictObject(
    {
      ...deviceShape,
      ...(Object.fromEntries(own) as Record<never, z.ZodType>),
      set: namedValues('set'),
      live: namedValues('live'),
    },
    { error: WRONG.device },
  );
}

export const configSchema = (catalogue: DeviceCatalogue) =>
  z.strictObject(
    {
      abi: z
        .string({ error: WRONG.text })
        .meta({ description: `The kernel that is emulated. Default: ${DEFAULT_ABI}.`, examples: ['latest'] })
        .optional(),
      lockdown: z
        .enum(LOCKDOWN_LEVELS, { error: `must be one of ${LOCKDOWN_LEVELS.join(', ')}` })
        .meta({
          description: 'Kernel lockdown as distribution kernels have it: caps the scope of RPCs at 2. Default: none.',
          examples: ['integrity'],
        })
        .optional(),
      devices: z
        .array(deviceSchema(catalogue), { error: WRONG.devices })
        .meta({
          description: 'The devices, in the order of their numbers. Default: one ConnectX-6 Dx at 0000:00:0a.0.',
        })
        .optional(),
      faults: z
        .array(z.string({ error: WRONG.fault }), { error: WRONG.faults })
        .meta({
          description: 'Faults from the start on, each as --fault takes it.',
          examples: [['rpc:opcode=NOP:error=EIO']],
        })
        .optional(),
    },
    { error: WRONG.file },
  );

export type ConfigFile = z.infer<ReturnType<typeof configSchema>>;

/** Keys of the top level, for messages. */
export const CONFIG_KEY_NAMES = ['abi', 'lockdown', 'devices', 'faults'] as const satisfies (keyof ConfigFile)[];

/** The schema as JSON Schema 2020-12, with the names that this build knows. */
export function configJsonSchema(catalogue: DeviceCatalogue): unknown {
  const schema = z.toJSONSchema(configSchema(catalogue), {
    io: 'input',
    // JSON has no bigint; any whole number is one.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'bigint') jsonSchema.type = 'integer';
      // Whole numbers are written in full here: zod's bounds are those of JavaScript numbers, not of a u64.
      if (zodSchema._zod.def.type === 'number' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) {
        delete jsonSchema.maximum;
        delete jsonSchema.minimum;
      }
    },
  }) as unknown as { properties: { abi: object; devices: { items: { properties: Record<DeviceKey, object> } } } };
  const device = schema.properties.devices.items.properties;
  Object.assign(schema.properties.abi, { enum: ABI_NAMES });
  Object.assign(device.driver, { enum: catalogue.drivers.map((row) => row.name) });
  // A name, or the path of a profile file (device-profiles.ts).
  const names = { enum: catalogue.drivers.flatMap((row) => row.profiles) };
  Object.assign(device.profile, { anyOf: [names, { pattern: '/|\\.([yY][aA]?[mM][lL]|[jJ][sS][oO][nN])$' }] });
  return { title: 'fwctl-emu configuration', ...schema };
}
