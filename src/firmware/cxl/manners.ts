/**
 * Where CXL memory devices differ in what they say: the specification's answers, QEMU's type-3 device as its source has
 * them (hw/cxl/cxl-mailbox-utils.c 0046be6e; recorded: test/golden/drivers/cxl-qemu.jsonl), and those of the kernel's
 * own mock (tools/testing/cxl/test/mem.c). The specification's column has not been verified against hardware.
 */
import type { MANNERS_NAMES } from '../../abi/cxl/device-profile.ts';
import { RETURN_CODE } from '../../abi/cxl/return-codes.ts';

export interface Manners {
  /** For a SET_FEATURE of another version than the feature's; undefined: the version is not looked at. */
  readonly version: number | undefined;
  /** For a GET_FEATURE of a selection that the feature has not; undefined: all read the current data. */
  readonly selection: number | undefined;
  /** Whether default and saved data can be read at all. */
  readonly selections: boolean;
  /** What a GET_FEATURE of more than there is gives. */
  readonly beyond: 'refusal' | 'the rest';
  /** Whether a GET_FEATURE from the end of the data on, of nothing then, is refused. */
  readonly atEnd: 'refusal' | 'nothing';
  /**
   * How a SET_FEATURE in parts goes: each where the last one ended, started by the first; anywhere, as they come; or
   * not at all.
   */
  readonly parts: 'in order' | 'as they come' | 'none';
  /** Whether attributes outside of what they can be are refused. */
  readonly minds: boolean;
}

const { UNSUPPORTED, FEATUREVERSION, FEATURESELVALUE } = RETURN_CODE;

export const MANNERS: Readonly<Record<keyof typeof MANNERS_NAMES, Manners>> = {
  specification: {
    version: FEATUREVERSION,
    selection: FEATURESELVALUE,
    selections: true,
    beyond: 'refusal',
    atEnd: 'refusal',
    parts: 'in order',
    minds: true,
  },
  qemu: {
    version: UNSUPPORTED,
    selection: UNSUPPORTED,
    selections: false,
    beyond: 'the rest',
    atEnd: 'refusal',
    parts: 'as they come',
    minds: false,
  },
  cxl_test: {
    version: undefined,
    selection: undefined,
    selections: false,
    beyond: 'refusal',
    atEnd: 'nothing',
    parts: 'none',
    minds: false,
  },
};

/** By the number that a profile has for them; of none: the specification's. */
export function mannersOf(number: number): Manners {
  return Object.values(MANNERS)[number] ?? MANNERS.specification;
}
