import type { ReactElement } from 'react';
import { freshness } from '../engine/age.ts';
import { countyAt } from '../engine/county.ts';
import { lostAtOf } from '../engine/desk.ts';
import { age, integer, likelyDigits, number } from '../engine/format.ts';
import { useSelect, useStore } from '../engine/store.ts';
import { writtenUnit } from '../engine/units.ts';
import { zonePeriodMs } from '../engine/zone-period.ts';
import { useText } from '../i18n/index.ts';
import { useBoard, useLocal, useNow } from './board-context.ts';

/** Rows shown; more would be no list to read. */
const ROWS = 200;

/** The map's zones as a table, highest value first: the same content for who cannot see or point at the map. */
export function ZoneTwin({ level }: { readonly level: number }): ReactElement {
  const { desk, view, board, city } = useBoard();
  const t = useText();
  const local = useLocal();
  const now = useNow(desk);
  const counties = useStore(desk.counties);
  const { zoneLayer, selected } = useStore(view);
  useStore(desk.zonesChanged);
  const layer = board.map.layers.find((l) => l.id === zoneLayer);
  const { zones } = desk;
  const order = Array.from({ length: layer ? zones.length : 0 }, (_, i) => i)
    .sort((a, b) => (zones.mean[b] as number) - (zones.mean[a] as number))
    .slice(0, ROWS);
  const property =
    layer?.type === 'zone-fill' ? city.properties.find((p) => p.id === layer.property) : undefined;
  const unit = writtenUnit(property?.unit ?? '', t.lang);
  const period = layer?.type === 'zone-fill' ? zonePeriodMs(desk.things.get(), layer.property) : null;
  const lostAt = useSelect(desk.link, lostAtOf);
  const dggrs = zones.key?.dggrs ?? 'h3';
  return (
    <section className="twin" aria-label={t.table.title} data-testid="twin">
      <table>
        <caption>
          {t.table.title}
          <small>{layer ? ` ${local(layer.title)} · ${t.map[dggrs]} ${t.map.level(level)}` : ''}</small>
        </caption>
        <thead>
          <tr>
            <th scope="col">{t.table.zone}</th>
            <th scope="col">{t.table.county}</th>
            <th scope="col" className="num">
              {t.table.value} {unit ? <small>{unit}</small> : null}
            </th>
            <th scope="col" className="num">
              {t.table.count}
            </th>
            <th scope="col" className="num">
              {t.table.age}
            </th>
          </tr>
        </thead>
        <tbody>
          {order.map((index) => {
            const row = zones.row(index);
            const county = countyAt(counties, row.centre[0], row.centre[1]);
            const stale = freshness(row.newest, now, period) !== 'live';
            return (
              <tr
                className={stale || lostAt !== null ? 'grey' : ''}
                key={row.id}
                aria-current={selected?.id === row.id || undefined}
              >
                <th scope="row">
                  <button
                    type="button"
                    className="link"
                    onClick={() => view.set((v) => ({ ...v, selected: { dggrs, id: row.id } }))}
                  >
                    {row.id}
                  </button>
                </th>
                <td>{county ? local(county.name) : '—'}</td>
                <td className="num">{number(row.mean, likelyDigits(row.mean), t.lang)}</td>
                <td className="num">{integer(row.count)}</td>
                <td className="num">{age(row.newest, now, t.lang)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {order.length === 0 ? <p className="panel-none">{t.table.none}</p> : null}
      {layer && zones.length > ROWS ? (
        <p className="kind-more">{t.table.more(integer(zones.length - ROWS))}</p>
      ) : null}
    </section>
  );
}
