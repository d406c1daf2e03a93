import type { Map as BaseMap } from 'maplibre-gl';
import { type ReactElement, useEffect, useRef } from 'react';
import { useStore } from '../engine/store.ts';
import { useBoard, useLocal } from './board-context.ts';

/** County names as text of the page, over the drawing: sharp at every size and in the bundled fonts, without a glyph server. */
export function CountyLabels({ map }: { readonly map: BaseMap }): ReactElement {
  const { desk } = useBoard();
  const local = useLocal();
  const counties = useStore(desk.counties);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = (): void => {
      counties.forEach((county, i) => {
        const element = box.current?.children[i];
        if (!(element instanceof HTMLElement)) return;
        const { x, y } = map.project([county.label[0], county.label[1]]);
        element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
      });
    };
    place();
    map.on('move', place);
    map.on('resize', place);
    return () => {
      map.off('move', place);
      map.off('resize', place);
    };
  }, [map, counties]);
  return (
    <div className="county-labels" ref={box} aria-hidden="true">
      {counties.map((county) => (
        <span className="county-label" key={county.code}>
          {local(county.name)}
        </span>
      ))}
    </div>
  );
}
