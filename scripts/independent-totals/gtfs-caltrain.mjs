// GTFS-realtime: FeedMessage.entity = 2, FeedEntity.vehicle = 4, VehiclePosition.position = 2 and timestamp = 5,
// Position.latitude = 1 and longitude = 2. One reading of presence a vehicle.
import { Cube, newAccount } from './lib/cube.mjs';
import { readBytes } from './lib/files.mjs';
import { fields } from './lib/protobuf.mjs';

export default function totals(files) {
  const cube = new Cube('caltrain-vehicles');
  const account = newAccount('caltrain-vehicles');
  const seen = new Set();
  for (const file of files) {
    for (const bytes of fields(readBytes(file)).all(2)) {
      const vehicle = fields(fields(bytes).one(4));
      const position = fields(vehicle.one(2));
      const time = vehicle.one(5) * 1000;
      const id = Buffer.from(fields(vehicle.one(8)).one(1)).toString();
      const duplicate = seen.has(`${id}/${time}`);
      seen.add(`${id}/${time}`);
      account.one(duplicate ? 'duplicates' : 'stored');
      if (!duplicate) cube.add([position.one(2), position.one(1)], time, 'presence', 1);
    }
  }
  return { rows: cube.rows(), accounts: [account] };
}
