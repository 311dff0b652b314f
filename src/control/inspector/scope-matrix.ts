/** Which command passes in which scope of which kernel: all drivers' tables side by side. */
import { ABI_PROFILES } from '../../abi/profiles.ts';
import { type DriverRow, fwctlRows } from '../../host/machine/driver-row.ts';
import type { AllMessages } from '../../host/machine/load-messages.ts';

export interface ScopeMatrix {
  readonly abis: readonly { readonly name: string; readonly title: string }[];
  readonly drivers: readonly {
    readonly driver: string;
    /** By kernel, as `abis` has them: it has no such driver; the driver lets all pass; it has a table. */
    readonly tables: readonly ('none' | 'all' | 'table')[];
    readonly commands: readonly {
      readonly name: string;
      readonly number?: number;
      readonly when?: string;
      /** By kernel; null: the command is not in its table, and passes in none. */
      readonly scopes: readonly (readonly number[] | null)[];
    }[];
  }[];
}

type Command = ScopeMatrix['drivers'][number]['commands'][number] & { readonly scopes: (readonly number[] | null)[] };

export function scopeMatrix(drivers: readonly DriverRow[], messages: AllMessages): ScopeMatrix {
  return {
    abis: ABI_PROFILES.map(({ name, title }) => ({ name, title })),
    drivers: fwctlRows(drivers).map(({ name: driver, since }) => {
      const first = since === undefined ? 0 : ABI_PROFILES.findIndex(({ name }) => name === since);
      const commands = new Map<string, Command>();
      const tables = ABI_PROFILES.map((abi, at) => {
        if (at < first) return 'none';
        const rows = messages.get(driver)?.scopeTable(abi);
        for (const { number, name, when, scopes } of rows ?? []) {
          const key = `${number} ${name} ${when}`;
          const fresh = { name, number, when, scopes: ABI_PROFILES.map(() => null) };
          const command = commands.get(key) ?? (fresh as Command);
          commands.set(key, command);
          command.scopes[at] = scopes;
        }
        return rows === undefined ? 'all' : 'table';
      });
      const inOrder = [...commands.values()].sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
      return { driver, tables, commands: inOrder };
    }),
  };
}
