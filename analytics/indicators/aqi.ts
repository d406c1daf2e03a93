/** Pollutants of the index, concentrations in the canonical units: ug/m3, CO mg/m3. */
export const AQI_POLLUTANTS = ['pm25', 'pm10', 'so2', 'no2', 'co', 'o3'] as const;
export type AqiPollutant = (typeof AQI_POLLUTANTS)[number];

const IAQI = [0, 50, 100, 150, 200, 300, 400, 500] as const;

/**
 * Concentration limits for IAQI 0, 50, 100, 150, 200, 300, 400, 500: hourly ones for the gases, 24-hour ones for
 * particles, which have no hourly ones. SO2 above 800 ug/m3 has no hourly index (200 is the greatest).
 *
 * @source HJ 633-2012, table 1; limits of grade II from GB 3095-2012.
 */
const LIMITS: Readonly<Record<AqiPollutant, readonly number[]>> = {
  pm25: [0, 35, 75, 115, 150, 250, 350, 500],
  pm10: [0, 50, 150, 250, 350, 420, 500, 600],
  so2: [0, 150, 500, 650, 800],
  no2: [0, 100, 200, 700, 1200, 2340, 3090, 3840],
  co: [0, 5, 10, 35, 60, 90, 120, 150],
  o3: [0, 160, 200, 300, 400, 800, 1000, 1200],
};

/** Individual index of one pollutant, rounded up to a whole number as the standard asks; above the table its end. */
export function iaqi(pollutant: AqiPollutant, concentration: number): number {
  const limits = LIMITS[pollutant];
  for (let step = 1; step < limits.length; step++) {
    const [low, high] = [limits[step - 1]!, limits[step]!];
    if (concentration > high) continue;
    const [from, to] = [IAQI[step - 1]!, IAQI[step]!];
    // Rounded up, but not because of the last bit of a division.
    return Math.max(0, Math.ceil(((to - from) / (high - low)) * (concentration - low) + from - 1e-9));
  }
  return IAQI[limits.length - 1]!;
}

/**
 * Air quality index: the greatest of the individual ones; null when there is no concentration at all.
 *
 * Simplified against HJ 633-2012: the latest reading of each station stands for the hour, particles are judged by it
 * instead of a 24-hour moving mean, and the city is the mean over the stations that reported.
 */
export function aqi(concentrations: ReadonlyMap<AqiPollutant, number>): number | null {
  const indices = [...concentrations].map(([pollutant, concentration]) => iaqi(pollutant, concentration));
  return indices.length === 0 ? null : Math.max(...indices);
}
