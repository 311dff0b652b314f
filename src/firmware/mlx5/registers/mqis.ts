/**
 * MQIS, information strings: a reader asks for `read_length` bytes from `read_offset` and is told the whole length. The
 * register's own size holds 8 bytes of text, which is also what mstflint asks for at a time.
 */
import { MQIS } from '../../../abi/mlx5/registers/mqis.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const infoType = MQIS.word('info_type');
const infoLength = MQIS.word('info_length');
const readOffset = MQIS.word('read_offset');
const readLength = MQIS.word('read_length');
/** Where the text stands, and how much of it fits. */
const TEXT = 16;
const TEXT_BYTES = 8;

export function readMqis({ device, input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const { identity } = device.profile;
  const texts = [undefined, identity.model_name, identity.model_description, identity.vsd, ''];
  const text = texts[infoType.get(input, 0)];
  if (text === undefined) return REFUSAL.REGISTER_SELECTOR;
  const offset = readOffset.get(input, 0);
  const asked = Math.min(readLength.get(input, 0), TEXT_BYTES);
  const part = text.slice(offset, offset + asked);
  infoLength.put(output, 0, text.length);
  readLength.put(output, 0, part.length);
  for (let i = 0; i < part.length; i++) output.setUint8(TEXT + i, part.charCodeAt(i));
  return undefined;
}
