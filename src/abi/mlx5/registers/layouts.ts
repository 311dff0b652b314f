/** Which registers have a field layout here, by register number. A new layout is a file of rows and a line in this table. */
import type { Layout } from '../../bits.ts';
import { type RegisterDefinition, registerByName } from '../registers.ts';
import { DTOR } from './dtor.ts';
import { MCAM } from './mcam.ts';
import { MFRL } from './mfrl.ts';
import { MGIR } from './mgir.ts';
import { MQIS } from './mqis.ts';
import { MTCAP } from './mtcap.ts';
import { MTMP } from './mtmp.ts';
import { NODE_DESC } from './node-desc.ts';
import { PAOS } from './paos.ts';
import { PCAM } from './pcam.ts';
import { PCMR } from './pcmr.ts';
import { PFCC } from './pfcc.ts';
import { PMLP } from './pmlp.ts';
import { PMTU } from './pmtu.ts';
import { PPLR } from './pplr.ts';
import { PPTB } from './pptb.ts';
import { PTYS } from './ptys.ts';

const layouts: readonly Layout[] = [
  DTOR,
  MCAM,
  MFRL,
  MGIR,
  MQIS,
  MTCAP,
  MTMP,
  NODE_DESC,
  PAOS,
  PCAM,
  PCMR,
  PFCC,
  PMLP,
  PMTU,
  PPLR,
  PPTB,
  PTYS,
];

export interface LaidOutRegister extends RegisterDefinition {
  readonly layout: Layout;
}

/** The definition of the register of that name with its layout. Throws for a name that `registers.ts` or this file lacks. */
export function laidOut(layout: Layout): LaidOutRegister {
  const definition = registerByName(layout.name);
  if (definition === undefined) throw new Error(`registers.ts has no register ${layout.name}`);
  return { ...definition, layout };
}

/** Ascending by name. */
export const LAID_OUT_REGISTERS: readonly LaidOutRegister[] = layouts.map(laidOut);

const byId = new Map(LAID_OUT_REGISTERS.map((register) => [register.id, register.layout]));
const byName = new Map(LAID_OUT_REGISTERS.map((register) => [register.name, register.layout]));

export function registerLayout(id: number): Layout | undefined {
  return byId.get(id);
}

export function registerLayoutByName(name: string): Layout | undefined {
  return byName.get(name);
}
