/** What the commands and registers refuse with: abi/mlx5/syndromes.ts, which the trace explains them by. */
export { REFUSAL } from '../../abi/mlx5/syndromes.ts';
