/** Capabilities VIRTIO_EMULATION: struct mlx5_ifc_virtio_emulation_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const VIRTIO_EMULATION_CAP = layout('virtio_emulation_cap', 256, [
  ['desc_tunnel_offload_type', 0, 1],
  ['eth_frame_offload_type', 1, 1],
  ['virtio_version_1_0', 2, 1],
  ['device_features_bits_mask', 3, 13],
  ['event_mode', 16, 8],
  ['virtio_queue_type', 24, 8],
  ['max_tunnel_desc', 32, 16],
  ['log_doorbell_stride', 51, 5],
  ['log_doorbell_bar_size', 59, 5],
  ['doorbell_bar_offset', 64, 64],
  ['max_emulated_devices', 128, 8],
  ['max_num_virtio_queues', 136, 24],
  ['umem_1_buffer_param_a', 256, 32],
  ['umem_1_buffer_param_b', 288, 32],
  ['umem_2_buffer_param_a', 320, 32],
  ['umem_2_buffer_param_b', 352, 32],
  ['umem_3_buffer_param_a', 384, 32],
  ['umem_3_buffer_param_b', 416, 32],
]);
