/** What tests and benchmarks read: `window.__jingwei`. */
export interface DrawnState {
  /** Newest live frame that is on the screen. */
  seqRendered: number;
  /** Journal position of that frame. */
  position: number;
  /** Zones in the newest drawn frame. */
  zones: number;
  framesRendered: number;
}

declare global {
  interface Window {
    __jingwei?: DrawnState;
  }
}
