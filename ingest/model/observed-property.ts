/** One observed property of the city: its canonical unit and the range outside which a value is refused. */
export interface ObservedProperty {
  readonly id: string;
  readonly nameEn: string;
  readonly nameZh: string;
  /** UCUM code of the canonical unit; sources that use another declare it and are converted on the way in. */
  readonly unit: string;
  /** Inclusive physical limits in the canonical unit. */
  readonly min: number;
  readonly max: number;
}

/**
 * The observed properties that ship. A dataset may declare further ones of its own (`DatasetDeclaration.properties`).
 *
 * @source Units: UCUM 2.1. Air quality units: GB 3095-2012 (CO in mg/m3, the others in ug/m3).
 */
export const OBSERVED_PROPERTIES = {
  pm25: { id: 'pm25', nameEn: 'PM2.5', nameZh: 'PM2.5', unit: 'ug/m3', min: 0, max: 5000 },
  pm10: { id: 'pm10', nameEn: 'PM10', nameZh: 'PM10', unit: 'ug/m3', min: 0, max: 10000 },
  so2: { id: 'so2', nameEn: 'Sulphur dioxide', nameZh: '二氧化硫', unit: 'ug/m3', min: 0, max: 10000 },
  no2: { id: 'no2', nameEn: 'Nitrogen dioxide', nameZh: '二氧化氮', unit: 'ug/m3', min: 0, max: 5000 },
  co: { id: 'co', nameEn: 'Carbon monoxide', nameZh: '一氧化碳', unit: 'mg/m3', min: 0, max: 500 },
  o3: { id: 'o3', nameEn: 'Ozone', nameZh: '臭氧', unit: 'ug/m3', min: 0, max: 5000 },
  'air-temperature': {
    id: 'air-temperature',
    nameEn: 'Air temperature',
    nameZh: '气温',
    unit: 'Cel',
    min: -70,
    max: 70,
  },
  'relative-humidity': {
    id: 'relative-humidity',
    nameEn: 'Relative humidity',
    nameZh: '相对湿度',
    unit: '%',
    min: 0,
    max: 100,
  },
  'air-pressure': {
    id: 'air-pressure',
    nameEn: 'Air pressure',
    nameZh: '气压',
    unit: 'hPa',
    min: 300,
    max: 1100,
  },
  'dew-point': { id: 'dew-point', nameEn: 'Dew point', nameZh: '露点温度', unit: 'Cel', min: -100, max: 60 },
  'wind-speed': { id: 'wind-speed', nameEn: 'Wind speed', nameZh: '风速', unit: 'm/s', min: 0, max: 120 },
  'wind-direction': {
    id: 'wind-direction',
    nameEn: 'Wind direction (from)',
    nameZh: '风向',
    unit: 'deg',
    min: 0,
    max: 360,
  },
  rainfall: {
    id: 'rainfall',
    nameEn: 'Rainfall in the period',
    nameZh: '时段雨量',
    unit: 'mm',
    min: 0,
    max: 500,
  },
  'water-level': { id: 'water-level', nameEn: 'Water level', nameZh: '水位', unit: 'm', min: -50, max: 9000 },
  'water-flow': { id: 'water-flow', nameEn: 'Discharge', nameZh: '流量', unit: 'm3/s', min: 0, max: 200000 },
  'lamp-power': {
    id: 'lamp-power',
    nameEn: 'Street-light power',
    nameZh: '路灯功率',
    unit: 'W',
    min: 0,
    max: 2000,
  },
  'lamp-lit': { id: 'lamp-lit', nameEn: 'Street light lit', nameZh: '路灯点亮', unit: '1', min: 0, max: 1 },
  'lamp-fault': {
    id: 'lamp-fault',
    nameEn: 'Street light at fault',
    nameZh: '路灯故障',
    unit: '1',
    min: 0,
    max: 1,
  },
  'vehicle-count': {
    id: 'vehicle-count',
    nameEn: 'Vehicles counted',
    nameZh: '车流量',
    unit: '{vehicle}',
    min: 0,
    max: 100000,
  },
  'vehicle-speed': {
    id: 'vehicle-speed',
    nameEn: 'Mean vehicle speed',
    nameZh: '平均车速',
    unit: 'km/h',
    min: 0,
    max: 400,
  },
  'lane-occupancy': {
    id: 'lane-occupancy',
    nameEn: 'Lane occupancy',
    nameZh: '车道占有率',
    unit: '%',
    min: 0,
    max: 100,
  },
  speed: { id: 'speed', nameEn: 'Speed', nameZh: '速度', unit: 'km/h', min: 0, max: 500 },
  bearing: { id: 'bearing', nameEn: 'Bearing', nameZh: '方位角', unit: 'deg', min: 0, max: 360 },
  'passenger-load': {
    id: 'passenger-load',
    nameEn: 'Passenger load',
    nameZh: '满载率',
    unit: '%',
    min: 0,
    max: 300,
  },
  /** 1 for each report of a moving Thing: "how many vehicles reported here", for feeds that carry only a place. */
  presence: { id: 'presence', nameEn: 'Presence', nameZh: '在场', unit: '1', min: 0, max: 1 },
  'noise-level': {
    id: 'noise-level',
    nameEn: 'Sound level',
    nameZh: '噪声',
    unit: 'dB[SPL]',
    min: 0,
    max: 200,
  },
} as const satisfies Record<string, ObservedProperty>;

export type ObservedPropertyId = keyof typeof OBSERVED_PROPERTIES;
