/**
 * PPCC, programmable congestion control: what is asked is `cmd_type`; names are texts, bulks arrays of dwords (PRM).
 */
import { PPCC } from '../../../abi/mlx5/registers/ppcc.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { ALGORITHMS, type Algorithm, CongestionControl, SLOTS } from '../port/congestion.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const command = PPCC.word('cmd_type');
const slotField = PPCC.word('algo_slot');
const indexField = PPCC.word('algo_param_index');
const valueField = PPCC.word('value');
const textLength = PPCC.word('text_length');
const countersOn = PPCC.word('counter_en');
const traceOn = PPCC.word('trace_en');
/** First byte of the text, and how many there are. */
const TEXT = 32;
const TEXT_BYTES = 220;

const COMMAND = {
  algorithmInfo: 0x0,
  enable: 0x1,
  disable: 0x2,
  status: 0x3,
  parameters: 0x4,
  parameterInfo: 0x5,
  parameter: 0x6,
  parameterAndClear: 0x7,
  setParameter: 0x8,
  bulk: 0xa,
  setBulk: 0xb,
  bulkCounters: 0xc,
  bulkCountersAndClear: 0xd,
  counters: 0xe,
  counterInfo: 0xf,
  algorithms: 0x10,
} as const;

/** Fields that an order fills: no image keeps them. */
const kept = ['value', 'sl_bitmask', 'counter_group_id', 'text_length', 'trace_en', 'counter_en'].map((path) =>
  PPCC.word(path),
);

function stateOf(device: Mlx5Device, port: number): CongestionControl {
  let state = device.congestion.get(port);
  if (state === undefined) {
    state = new CongestionControl();
    device.congestion.set(port, state);
  }
  return state;
}

export function readPpcc(exchange: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const { device, input, output, instance: port } = exchange;
  const asked = command.get(input, 0);
  if (asked === COMMAND.algorithms) {
    putWords(
      output,
      Array.from({ length: SLOTS }, (_, slot) => ALGORITHMS[slot]?.number ?? 0),
    );
    return undefined;
  }
  const slot = slotField.get(input, 0);
  const algorithm = ALGORITHMS[slot];
  if (algorithm === undefined) return REFUSAL.PCC_SLOT;
  const state = stateOf(device, port);
  const index = indexField.get(input, 0);
  switch (asked) {
    case COMMAND.algorithmInfo:
      valueField.put(output, 0, algorithm.number);
      putText(output, `${algorithm.name}, ${algorithm.text}`);
      return undefined;
    case COMMAND.status:
      valueField.put(output, 0, state.isEnabled(slot) ? 1 : 0);
      countersOn.put(output, 0, state.flags.get(slot)?.counters === false ? 0 : 1);
      traceOn.put(output, 0, state.flags.get(slot)?.trace === true ? 1 : 0);
      return undefined;
    case COMMAND.parameters:
      valueField.put(output, 0, algorithm.parameters.length);
      return undefined;
    case COMMAND.parameterInfo:
      return parameterInfo(algorithm, index, output);
    case COMMAND.parameter:
    case COMMAND.parameterAndClear:
      if (index >= algorithm.parameters.length) return REFUSAL.REGISTER_VALUE;
      valueField.put(output, 0, state.value(slot, index));
      return undefined;
    case COMMAND.bulk:
      putWords(
        output,
        algorithm.parameters.map((_, i) => state.value(slot, i)),
      );
      return undefined;
    case COMMAND.bulkCounters:
    case COMMAND.bulkCountersAndClear:
      // Nothing is congested.
      putWords(
        output,
        algorithm.counters.map(() => 0),
      );
      return undefined;
    case COMMAND.counters:
      valueField.put(output, 0, algorithm.counters.length);
      return undefined;
    case COMMAND.counterInfo:
      return counterInfo(algorithm, index, output);
    default:
      return REFUSAL.REGISTER_SELECTOR;
  }
}

export function writePpcc({ device, input, instance: port }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const slot = slotField.get(input, 0);
  const algorithm = ALGORITHMS[slot];
  if (algorithm === undefined) return REFUSAL.PCC_SLOT;
  const state = stateOf(device, port);
  const index = indexField.get(input, 0);
  switch (command.get(input, 0)) {
    case COMMAND.enable:
      state.enable(slot, true);
      state.flags.set(slot, { counters: countersOn.get(input, 0) === 1, trace: traceOn.get(input, 0) === 1 });
      break;
    case COMMAND.disable:
      state.enable(slot, false);
      break;
    case COMMAND.setParameter:
      if (index >= algorithm.parameters.length) return REFUSAL.REGISTER_VALUE;
      state.set(slot, index, valueField.get(input, 0));
      break;
    case COMMAND.setBulk: {
      const count = Math.min(textLength.get(input, 0) / 4, algorithm.parameters.length);
      for (let i = 0; i < count; i++) state.set(slot, i, input.getUint32(TEXT + 4 * i));
      break;
    }
    default:
      return REFUSAL.REGISTER_SELECTOR;
  }
  for (const field of kept) field.put(input, 0, 0);
  for (let i = 0; i < TEXT_BYTES; i++) input.setUint8(TEXT + i, 0);
  return undefined;
}

function parameterInfo({ parameters }: Algorithm, index: number, output: DataView): Refusal | undefined {
  const parameter = parameters[index];
  if (parameter === undefined) return REFUSAL.REGISTER_VALUE;
  PPCC.assign(output, {
    param_value1: parameter.value,
    param_value2: parameter.least,
    param_value3: parameter.most,
    prm: parameter.permission,
  });
  putText(output, `${parameter.name}, ${parameter.text}`);
  return undefined;
}

function counterInfo({ counters }: Algorithm, index: number, output: DataView): Refusal | undefined {
  const counter = counters[index];
  if (counter === undefined) return REFUSAL.REGISTER_VALUE;
  PPCC.assign(output, { param_value3: 0xffff_ffff });
  putText(output, `${counter.name}, ${counter.text}`);
  return undefined;
}

function putText(output: DataView, text: string): void {
  const shown = text.slice(0, TEXT_BYTES);
  textLength.put(output, 0, shown.length);
  [...shown].forEach((character, i) => {
    output.setUint8(TEXT + i, character.charCodeAt(0));
  });
}

function putWords(output: DataView, words: readonly number[]): void {
  textLength.put(output, 0, 4 * words.length);
  words.forEach((word, i) => {
    output.setUint32(TEXT + 4 * i, word);
  });
}
