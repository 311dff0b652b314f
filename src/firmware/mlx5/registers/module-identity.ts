/** The cable in every port, as MCIA's EEPROM and PDDR's module page both say. Invented, of a kind that is sold. */
export const MODULE_IDENTITY = {
  vendor: 'Mellanox',
  partNumber: 'MCP1600-C001E30N',
  revision: 'A3',
  serialNumber: 'MT2250VS00001',
  /** yymmdd. */
  date: '221210',
} as const;
