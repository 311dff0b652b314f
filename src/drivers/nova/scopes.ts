/** Which command may be sent in which scope: is_command_permitted() of drivers/gpu/nova-core/fwctl.rs. */
import { SCOPE } from '../../abi/fwctl.ts';
import { GMC_COMMAND_ROWS, gmcCommand } from '../../abi/nova/gmcapi.ts';
import type { ScopeTableRow } from '../../fwctl/dialect.ts';

/** In the scope of configuration alone: the ones above it let nothing through. */
const SCOPES = [SCOPE.FWCTL_RPC_CONFIGURATION] as const;

export function isPermitted(scope: number, commandId: number): boolean {
  return scope === SCOPE.FWCTL_RPC_CONFIGURATION && gmcCommand(commandId) !== undefined;
}

export function scopesAllowing(commandId: number): readonly number[] {
  return gmcCommand(commandId) === undefined ? [] : SCOPES;
}

export function scopeTable(): readonly ScopeTableRow[] {
  return GMC_COMMAND_ROWS.map(({ id, name }) => ({ number: id, name, scopes: SCOPES }));
}
