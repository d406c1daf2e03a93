export { attachLive, LIVE_PATH, type Live, type LiveOptions } from './attach-live.ts';
