/**
 * Where each register of the HCA data base comes from. All layouts are mstflint's data base or mlx5_ifc.h; what differs
 * is how much is known of what a real device answers. The others are refused, each for its reason. A test holds both
 * lists against the register table and the data base.
 */

/**
 * measured: a real device's answer is public (mlx5ctl's README). driver: mlx5_core's code says what it means and does.
 * tools: what mstflint's tools print of real cards is public, or follows from their code. layout: nothing but the field
 * descriptions; values are plausible or as they were written. Everything but `measured` is unverified on hardware.
 */
export type Evidence = 'measured' | 'driver' | 'tools' | 'layout';

const evidence: Readonly<Record<Evidence, string>> = {
  measured: 'DTOR NODE_DESC',
  driver: `
    PCAP PMLP PMTU PTYS PAOS PFCC PPCNT PUDE PPTB PBMC PELC PVLC PMPE PPLM PCMR PCAM PDDR MCIA MTCAP MTMP
    QPTS QETCR QTCT QPDPM QCAM DCBX_PARAM DCBX_APPLICATION SBPR SBCM SBCAM
    MCAM MCC MCDA MCQI MCQS MFRL MIRC MLCR MPCNT MPEIN MRTC MTPPS MTPPSE MTRC_CAP MTRC_CONF MTRC_CTRL MTRC_STDB MTUTC
    FPGA_CAP FPGA_CTRL FPGA_ACCESS_REG CORE_DUMP HOST_ENDIANNESS RESOURCE_DUMP VHCA_ICM_CTRL NIC_CAP_REG RCR`,
  tools: `
    PMAOS PPLR SLTP SLRG PTASv2 PPTT PPRT PPHCR PPAOS PLTC PPCR PMTM PMDR PEMI PGUID PRTL PMPT PPSC PPBMC PPBMP
    MGIR MSGI MGPIR MPIR MPCIR MPEGC MQIS MROQ MRSI MTMG MTMR MDSR MFSV MPQD MLOCK MVTS
    MNVDA MNVDI MNVGC MNVGN MNVIA MNVQC ROCE_ACCL PPCC`,
  layout: 'PBSR PCNR PLDS QEEC QPDP MVCAP MVCR MCION MERR MDIR MTEIM MTDC MPCAM',
};

/** Why a register of the data base is refused as one that the firmware does not have. */
const absent: Readonly<Record<string, string>> = {
  'of switches, retimers or NVLink': `
    Loopback_Control_Register QPRT QSPIP QSPCP QHLL QSHR PPAD PMPR PIPG PGMR PMMP PMCR PTER PEPC PPRM PREI PMSCR PMPD PMLR
    PMAC PLCC SLPRR SLTR PCCT PEDCC PFLDC PVLS PBWS FP_SL_MAP CWTP CWTPM CWCAM MTCQ MKDC MDPS MFPA MFBA MFBE MMDIO MGCR
    MSCI MJTAG MHMPR MORD`,
  'of crypto, which the boards have not or do not show': `
    CRYPTO_OPERATIONAL IMPORT_KEK_HANDLE CREDENTIAL_HANDLE MDTR MQDIK MRPR MSECQ MSEES MRSV MRFV MFCDR MSGCR MPCS MGLS`,
  'of the data path accelerator': `
    NIC_DPA_EUG_REG NIC_DPA_PERF_CTRL_REG NIC_DPA_EU_PARTITION_REG NIC_DPA_SELF_HOST_APP_MGMT`,
  'nothing public reads it over fwctl, and its answers are not public': `
    UNIT_PERF_COUNTERS_GLOBAL_CTRL UNIT_PERF_COUNTERS_CFG UNIT_PERF_COUNTERS_DATA MISC_COUNTERS DB_TRESHOLD SLTPv2 SLSIR
    SLRED SLLM PEIR POWER_SETTINGS MISOC MIDV MIDFV MGNLE MMHI MPEINJ MSMR MPECS MCDD MTIE MTIM MTPTM MTCTR MRTCQ MTEIR
    MPLH MPTFC MPTTR MPTOR MPTTC NCFG ZTT VHCA_TRUST_LEVEL PORT_STATE_BEHAVIOR HCA_CMD_ENCAP NVMF_TARGET_PACER_DEFAULTS
    NIC_CAP_EXT_REG ADP_RETX_HISTOGRAM_CONFIG ADP_RETX_HISTOGRAM HOST_OS_INIT_CTRL VHCA_GROUP_ICM_CTRL`,
};

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

/** By register's name; those that the emulated firmware has. */
export const EVIDENCE: ReadonlyMap<string, Evidence> = new Map(
  (Object.keys(evidence) as Evidence[]).flatMap((kind) => words(evidence[kind]).map((name) => [name, kind] as const)),
);

/** By register's name: why no emulated firmware has it. */
export const ABSENT: ReadonlyMap<string, string> = new Map(
  Object.entries(absent).flatMap(([reason, names]) => words(names).map((name) => [name, reason] as const)),
);
