/** A process that the kill test ends at random: opens the doors on the folder and port in its arguments. */
import { writeSync } from 'node:fs';
import { CITY, DEVICE, doorsOptions } from './doors-fixtures.ts';
import { openDoors } from './open-doors.ts';

const options = doorsOptions(process.argv[2]!);
const doors = await openDoors({ ...options, mqtt: { ...options.mqtt, port: Number(process.argv[3]) } });
await doors.declare(CITY);
await doors.setPrincipals([DEVICE]);
writeSync(1, `${doors.ports.mqtt}\n`);
