/** Numbers that the world's objects share: what one refers to and another is. */

/** UAR page of the driver's doorbells: that of the CQ in mlx5ctl's README. */
export const UAR_PAGE = 128;
/** Protection domain and transport domain of the driver, and the protection domain of the RDMA user. */
export const PD = 1;
export const TRANSPORT_DOMAIN = 1;
export const RDMA_PD = 2;

/** Event queues: commands, asynchronous events, page requests; those of channels from FIRST_COMPLETION_EQ on. */
export const COMMAND_EQ = 0;
export const ASYNC_EQ = 1;
export const PAGES_EQ = 2;
export const FIRST_COMPLETION_EQ = 19;

/** CQ of the RDMA user, and the first of the channels'. */
export const RDMA_CQ = 1;
export const FIRST_CHANNEL_CQ = 1124;

/** Counter sets: the netdevs' RQs, the drop RQ's, the RDMA user's. */
export const NETDEV_COUNTERS = 1;
export const DROP_COUNTERS = 2;
export const RDMA_COUNTERS = 3;

/** Ready, in the state fields of RQs and SQs (mlx5_ifc.h: MLX5_RQC_STATE_RDY, MLX5_SQC_STATE_RDY). */
export const READY = 1;

/** Vport numbers (mlx5_core vport.h): the physical function's and the uplink's; VF n is vport n. */
export const PF_VPORT = 0;
export const UPLINK_VPORT = 0xffff;

/** Doorbell records lie side by side from that of the README's CQ. */
export function doorbell(index: number): bigint {
  return 0x1_1bb1_e680n + BigInt(index * 64);
}
