/** What the messages of all drivers mean: here once, so that making an emulator does not wait. */
import { DRIVERS } from '../host/machine/drivers.ts';
import { loadMessages } from '../host/machine/load-messages.ts';

export const MESSAGES = await loadMessages(DRIVERS);
