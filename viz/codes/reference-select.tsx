import type { ReactElement } from 'react';
import { isGridError, parseCoordinateReference } from '../../grid/index.ts';
import { type Store, useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import type { CityAnswer } from '../schema/api.ts';
import type { CodesState } from './codes-state.ts';

/** What datum or plane system the coordinates are in: the same choice for a typed place and for a table. */
export function ReferenceSelect({
  city,
  state,
}: {
  readonly city: CityAnswer;
  readonly state: Store<CodesState>;
}): ReactElement {
  const t = useText();
  const { reference } = useStore(state);
  const named = Object.entries(t.codes.references);
  const planes = planesAt(city.centre[0]);
  // An address may bring any reference there is.
  const brought = named.some(([id]) => id === reference) || planes.includes(reference) ? [] : [reference];
  return (
    <label>
      {t.codes.reference}
      <select
        value={reference}
        onChange={(e) => state.set((s) => ({ ...s, reference: e.target.value }))}
        data-testid="reference"
      >
        {named.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
        {[...planes, ...brought].map((id) => (
          <option key={id} value={id}>
            {t.codes.plane(id)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Plane systems a city of that longitude uses, by their ids. */
function planesAt(lonDeg: number): readonly string[] {
  return [
    `gk3-${Math.round(lonDeg / 3)}`,
    `gk3-cm${Math.round(lonDeg / 3) * 3}`,
    `gk6-${Math.floor(lonDeg / 6) + 1}`,
  ].filter((id) => {
    try {
      parseCoordinateReference(id);
      return true;
    } catch (error) {
      if (isGridError(error)) return false;
      throw error;
    }
  });
}
