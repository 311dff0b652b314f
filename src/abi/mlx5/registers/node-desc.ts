/**
 * Register NODE_DESC (0x6001): 64 bytes of text (mlx5_ifc.h
 * MLX5_REG_NODE_DESC, mlx5_core port.c; RW: mlx5_core_set_node_desc).
 */
import { layout } from '../../bits.ts';

export const NODE_DESC = layout('NODE_DESC', 64, [['node_description', 0, 512, 'RW']]);
