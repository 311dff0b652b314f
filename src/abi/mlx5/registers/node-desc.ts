/** Register NODE_DESC (0x6001): 64 bytes of text (driver.h MLX5_REG_NODE_DESC; RW: port.c mlx5_core_set_node_desc). */
import { layout } from '../../bits.ts';

export const NODE_DESC = layout('NODE_DESC', 64, [['node_description', 0, 512, 'RW']]);
