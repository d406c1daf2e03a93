/** Who asks, and what they may see. Every query shape takes one; there is no second way to the rows. */
export interface Access {
  readonly subject: string;
  readonly role: string;
  /** Dataset ids, or all. */
  readonly datasets: 'all' | readonly string[];
  /** [west, south, east, north] degrees; null for the whole city. */
  readonly area: readonly [number, number, number, number] | null;
  /** Finest level at which zones and positions may be shown; null for no limit. */
  readonly finestLevel: { readonly h3: number; readonly beidou2d: number } | null;
  /** Attribute names that are masked, as `dataset.field`. */
  readonly masks: readonly string[];
  readonly purpose: string;
}
