import { type Map as BaseMap, Marker } from 'maplibre-gl';
import { useEffect } from 'react';
import { useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { useBoard, useLocal } from './board-context.ts';

/** County names as text of the page: sharp at every size and in the bundled fonts, without a glyph server. */
export function CountyLabels({ map }: { readonly map: BaseMap }): null {
  const { desk } = useBoard();
  const { lang } = useText();
  const local = useLocal();
  const counties = useStore(desk.counties);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `local` follows from `lang`.
  useEffect(() => {
    const markers = counties.map((county) => {
      const element = document.createElement('span');
      element.className = 'county-label';
      element.textContent = local(county.name);
      return new Marker({ element, anchor: 'center' })
        .setLngLat([county.label[0], county.label[1]])
        .addTo(map);
    });
    return () => {
      for (const marker of markers) marker.remove();
    };
  }, [map, counties, lang]);
  return null;
}
