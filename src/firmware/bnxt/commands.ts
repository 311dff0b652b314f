/** Every request that the firmware knows. */
import type { Command } from './command.ts';
import { FIRMWARE_COMMANDS } from './commands/firmware.ts';
import { FUNC_COMMANDS } from './commands/func.ts';
import { NVM_COMMANDS } from './commands/nvm.ts';
import { PORT_COMMANDS } from './commands/port.ts';
import { QUEUE_COMMANDS } from './commands/queue.ts';
import { STATISTICS_COMMANDS } from './commands/statistics.ts';

/** By the request's name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [FUNC_COMMANDS, PORT_COMMANDS, STATISTICS_COMMANDS, QUEUE_COMMANDS, NVM_COMMANDS, FIRMWARE_COMMANDS].flatMap(
    (table) => Object.entries(table),
  ),
);
