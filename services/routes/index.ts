/** The whole HTTP surface: one table of routes and roles. What is not here is not served. */
import type { Route } from '../http/route.ts';
import * as audit from './audit.ts';
import * as backups from './backups.ts';
import * as checks from './checks.ts';
import * as city from './city.ts';
import * as codingFiles from './coding-files.ts';
import * as codingStreams from './coding-streams.ts';
import * as declarations from './declarations.ts';
import * as devices from './devices.ts';
import * as figures from './figures.ts';
import * as health from './health.ts';
import * as ingest from './ingest.ts';
import * as metrics from './metrics.ts';
import * as people from './people.ts';
import * as questions from './questions.ts';
import * as readings from './readings.ts';
import * as records from './records.ts';
import * as session from './session.ts';
import * as video from './video.ts';

export const ROUTES: readonly Route[] = [
  health.healthz,
  health.readyz,
  session.login,
  session.seat,
  session.logout,
  session.session,
  city.city,
  city.listBoards,
  city.board,
  city.indicators,
  figures.figures,
  readings.zones.route,
  readings.zone,
  readings.things.route,
  readings.series.route,
  readings.totals,
  records.events.route,
  records.features.route,
  questions.latest.route,
  questions.nearest.route,
  questions.top.route,
  questions.cube.route,
  questions.compare.route,
  questions.inside.route,
  questions.count.route,
  questions.question,
  records.accounts,
  records.corrections,
  records.rejections,
  records.rejectedBytes,
  declarations.declare,
  declarations.listDeclarations,
  declarations.position,
  devices.createDevices,
  devices.listDevices,
  devices.disableDevice,
  ingest.ingest,
  ingest.deliver,
  codingStreams.codingEncode,
  codingStreams.codingDecode,
  codingFiles.bringFile,
  codingFiles.listFiles,
  codingFiles.fileJob,
  codingFiles.fileResult,
  codingFiles.removeFile,
  video.videoStreams,
  video.videoFlv,
  video.videoKey,
  video.removeVideoKey,
  people.listUsers,
  people.createUser,
  people.changePassword,
  people.disableUser,
  people.listTokens,
  people.createToken,
  people.revokeToken,
  people.listSeats,
  people.createSeat,
  people.revokeSeat,
  audit.audit,
  backups.makeBackup,
  checks.indexFacts,
  metrics.metrics,
  metrics.liveHint,
];
