/**
 * Which of the firmware's commands and registers a driver has used, from the trace of `fwctl-emu pci --trace=FILE`:
 *
 *   node coverage.js FILE
 */
import { readFileSync } from 'node:fs';
import { COMMAND_STATES, HCA_COMMANDS } from '../../src/abi/mlx5/hca-commands.ts';
import { OPCODES } from '../../src/abi/mlx5/opcodes.ts';
import { MLX5_COMMANDS } from '../../src/firmware/mlx5/commands.ts';
import { MLX5_REGISTERS } from '../../src/firmware/mlx5/registers.ts';

const [file = ''] = process.argv.slice(2);
const known = new Set(OPCODES.map(({ name }) => name));
const commands = new Map<string, number>();
const registers = new Map<string, number>();
const refused: string[] = [];
for (const line of readFileSync(file, 'utf8').split('\n')) {
  const name = / guest\/.* RPC scope=\w+ (\w+)/.exec(line)?.[1];
  if (name === undefined || !known.has(name)) continue;
  commands.set(name, (commands.get(name) ?? 0) + 1);
  const register = /\((?:read|write) (\w+) 0x/.exec(line)?.[1];
  if (register !== undefined) registers.set(register, (registers.get(register) ?? 0) + 1);
  if (!line.includes('-> OK')) refused.push(line.slice(0, 160));
}
print('commands', commands, MLX5_COMMANDS.rows.length);
print('registers', registers, MLX5_REGISTERS.rows.length);
const bringUp = [...new Set([...Object.keys(HCA_COMMANDS), ...Object.keys(COMMAND_STATES)])];
const unused = bringUp.filter((name) => !commands.has(name));
console.log(`of the ${bringUp.length} commands of bringing up, not used: ${unused.join(', ') || 'none'}`);
console.log(`refused: ${refused.length}`);
for (const line of refused.slice(0, 20)) console.log(`  ${line}`);

function print(what: string, used: ReadonlyMap<string, number>, rows: number): void {
  const list = [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  console.log(`${what}: ${used.size} of ${rows} rows used: ${list.join(', ')}`);
}
