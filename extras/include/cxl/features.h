/*
 * <cxl/features.h> for systems without it: payloads of the CXL mailbox's feature commands (CXL 3.2, 8.2.10.6), little-endian
 * and without padding. Written from the specification; names as the kernel has them.
 */
#ifndef FWCTL_EMU_CXL_FEATURES_H
#define FWCTL_EMU_CXL_FEATURES_H

#include <linux/types.h>

#define FWCTL_EMU_PACKED __attribute__((__packed__))

typedef unsigned char __uapi_uuid_t[16];

/* 0x500, Get Supported Features; count: bytes of the answer. */
struct cxl_mbox_get_sup_feats_in {
	__le32 count;
	__le16 start_idx;
	__u8 reserved[2];
} FWCTL_EMU_PACKED;

struct cxl_feat_entry {
	__uapi_uuid_t uuid;
	__le16 id;
	__le16 get_feat_size;
	__le16 set_feat_size;
	__le32 flags;
	__u8 get_feat_ver;
	__u8 set_feat_ver;
	__le16 effects;
	__u8 reserved[18];
} FWCTL_EMU_PACKED;

struct cxl_mbox_get_sup_feats_out {
	__le16 num_entries;
	__le16 supported_feats;
	__u8 reserved[4];
	struct cxl_feat_entry ents[];
} FWCTL_EMU_PACKED;

/* 0x501, Get Feature; selection: 0 the current value, 1 the default, 2 the saved one. */
struct cxl_mbox_get_feat_in {
	__uapi_uuid_t uuid;
	__le16 offset;
	__le16 count;
	__u8 selection;
} FWCTL_EMU_PACKED;

/* 0x502, Set Feature; bits 2:0 of flags: 0 the whole, 1 to 4 first, further, last part, abort; bit 3: kept over a reset. */
struct cxl_mbox_set_feat_in {
	__uapi_uuid_t uuid;
	__le32 flags;
	__le16 offset;
	__u8 version;
	__u8 rsvd[9];
	__u8 feat_data[];
} FWCTL_EMU_PACKED;

#undef FWCTL_EMU_PACKED

#endif
