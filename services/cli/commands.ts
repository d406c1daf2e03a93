/** All commands, in the order in which `--help` shows them. */
import { backup, restore } from './backup.ts';
import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { exportCommand } from './export.ts';
import { grid } from './grid.ts';
import { ingest } from './ingest.ts';
import { device, seat, token, user } from './people.ts';
import { query } from './query.ts';
import { rebuild } from './rebuild.ts';
import { replay } from './replay.ts';
import { serve } from './serve.ts';

export const COMMANDS: readonly Command[] = [
  serve,
  demo,
  ingest,
  replay,
  query,
  grid,
  device,
  user,
  token,
  seat,
  exportCommand,
  rebuild,
  backup,
  restore,
  doctor,
];
