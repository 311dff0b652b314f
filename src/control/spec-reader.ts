/** The SPEC of a request: devices, complete, of the machine's drivers; and a device of the machine once more. */
import { systemAccounts } from '../host/config/accounts.ts';
import type { ConfigProblem } from '../host/config/config-error.ts';
import { type DeviceEntry, readDevices } from '../host/config/device-entry.ts';
import { allDeviceKeys, ownKeys } from '../host/config/device-keys.ts';
import { parseDeviceOption } from '../host/config/device-option.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import type { DriverKey } from '../host/config/driver-key.ts';
import { FileRefusal, lookAtFile } from '../host/config/named-file.ts';
import { isProfilePath } from '../host/config/profile-path.ts';
import { catalogueOf } from '../host/machine/catalogue.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import { type Client, isOwner, notTheOwner } from './owner.ts';
import { ControlError } from './protocol.ts';

export interface SpecRequest {
  /** As `--device` has it. */
  readonly text: string;
  /** The profile's text, of a client that has read the file itself. */
  readonly profile: string | undefined;
  readonly client: Client;
  /** PCI addresses of devices that are plugged. */
  readonly taken: readonly string[];
}

export interface SpecReader {
  /** Rejects with ControlError. */
  read(request: SpecRequest): Promise<readonly DeviceSpec[]>;
  /**
   * Of a profile's file as it is now, unless a request brought it along. Rejects with ControlError, which tells who may
   * not read the file nothing of it.
   */
  again(spec: DeviceSpec, client: Client): Promise<DeviceSpec>;
}

export function specReader(drivers: readonly DriverRow[], maxDevices: number): SpecReader {
  const catalogue = catalogueOf(drivers);
  const own = ownKeys(catalogue.drivers);
  const known = Object.keys(allDeviceKeys(catalogue.drivers));
  const members = new Set(Object.values(own).flatMap((row) => row.paths ?? []));

  /** Another user's request names a file by itself: refused before anybody has looked for it. */
  function refuseNames(entry: DeviceEntry, { client, profile: text }: SpecRequest): void {
    const { profile = '', own: keys = {}, set = {} } = entry;
    if (isOwner(client)) return;
    if (text === undefined && isProfilePath(profile))
      throw notTheOwner(client, 'read the profile', 'send its text (POST /v1/plug-profile), as "fwctl-emu plug" does');
    const value = Object.keys(set).find((name) => members.has(name.split('.').at(-1) ?? ''));
    const key = Object.keys(keys).find((name) => namesFile(own[name], keys[name] ?? '')) ?? (value && `set.${value}`);
    if (key !== undefined)
      throw notTheOwner(client, `use the file of ${key}`, 'take it out, or ask that user to plug it');
  }

  return {
    async read(request) {
      const { text, profile: brought, taken } = request;
      const problems: ConfigProblem[] = [];
      const placed = parseDeviceOption(text, known, problems);
      const { entry } = placed;
      refuseNames(entry, request);
      const path = isProfilePath(entry.profile ?? '') ? (entry.profile ?? '') : undefined;
      if (brought !== undefined && path === undefined)
        throw new ControlError(
          400,
          'bad_spec',
          '"profile" is the text of a file: name one in the spec, e.g. ./mine.yaml',
        );
      if (brought !== undefined) entry.profileText = brought;
      const unreadable =
        path !== undefined &&
        brought === undefined &&
        (await lookAtFile(path, 'profile').catch((error: Error) => error));
      if (unreadable) placed.complain('profile', unreadable.message);
      const specs = unreadable
        ? []
        : readDevices([placed], { catalogue, accounts: systemAccounts(), maxDevices, taken });
      if (problems.length === 0) return specs;
      const lines = problems.map(({ column, message }) => `${text}: column ${column}: ${message}`);
      throw new ControlError(400, 'bad_spec', lines.join('\n'));
    },
    async again(spec, client) {
      const { profile, file, overrides } = spec;
      if (file === undefined || file.brought) return spec;
      try {
        await lookAtFile(profile, 'profile');
        const driver = catalogue.drivers.find(({ name }) => name === spec.driver);
        const content = driver?.readProfileFile(profile);
        driver?.checkOverrides(profile, overrides, content);
        return { ...spec, file: { content, brought: false } };
      } catch (error) {
        throw refusedFor(client, error);
      }
    },
  };
}

/** Whether the value is a file's path, or may have one in it. */
function namesFile(row: DriverKey<unknown> | undefined, text: string): boolean {
  return row?.isPath?.(text) === true || (row?.paths !== undefined && hasMember(text, row.paths));
}

/** Whether JSON data have one of those members, however deep and however it is written (`\u0066ile`). */
function hasMember(text: string, names: readonly string[]): boolean {
  let found = false;
  try {
    JSON.parse(text, (key, value) => {
      found ||= names.includes(key);
      return value;
    });
  } catch (error) {
    return !(error instanceof SyntaxError); // too deep to be looked through; what is no JSON is refused by its reader
  }
  return found;
}

/** What the machine refuses, as this client may know it. */
export function refusedFor(client: Client, error: unknown): ControlError {
  const hidden = error instanceof FileRefusal && !isOwner(client);
  const message = hidden ? 'a file of the emulator is not as it should be; its own user is told which' : undefined;
  return new ControlError(409, 'not_plugged', message ?? (error as Error).message);
}
