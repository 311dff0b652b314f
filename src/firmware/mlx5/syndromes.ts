/** What commands and registers refuse with. The rows are in abi/, where the trace finds what they mean. */
import { SYNDROME } from '../../abi/mlx5/syndromes.ts';

export const REFUSAL = SYNDROME;
