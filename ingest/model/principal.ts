/**
 * Who may speak on the device port. `publish` and `subscribe` are MQTT topic filters in which `{id}` stands for the
 * principal's own id; a device speaks, and listens, only for itself.
 */
export interface Principal {
  readonly id: string;
  readonly kind: 'device' | 'gateway';
  /** SHA-256 (hex) of the token: tokens are 256 random bits, so a fast hash is enough and 600 can connect at once. */
  readonly tokenHash: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly disabled: boolean;
}
