/**
 * Class codes of city entities: a table of this project's own, versioned as data.
 *
 * No national standard codes buildings with storeys, pipes, parcels, trees and airspace in one list that could be taken whole, so this
 * one does, four digits, the first the group. `gb13923` names the main class of GB/T 13923 (basic geographic features: 2 water, 3
 * settlements and facilities, 4 traffic, 5 pipelines, 8 vegetation and soil) where the class falls into one; its finer codes are left to
 * the survey that knows them. Codes are never given a new meaning: a new list gets a new version.
 */

/** Where an entity lies: above the ground, on it, below it. */
export type EntityLayer = 'above' | 'surface' | 'underground';

/** Version of the table below; store it beside class codes. */
export const ENTITY_CLASS_VERSION = 'jingwei-entity-1';

interface ClassRow {
  readonly code: string;
  readonly nameEn: string;
  readonly nameZh: string;
  /** Where its members usually lie; an entity may say otherwise (a heating pipe on supports). */
  readonly layer: EntityLayer;
  readonly gb13923?: 2 | 3 | 4 | 5 | 8;
}

/** All classes, ascending by code. */
export const ENTITY_CLASSES = [
  { code: '1000', nameEn: 'Building', nameZh: '建筑物', layer: 'above', gb13923: 3 },
  { code: '1010', nameEn: 'Storey', nameZh: '楼层', layer: 'above', gb13923: 3 },
  { code: '1020', nameEn: 'Room or unit', nameZh: '房间或户', layer: 'above', gb13923: 3 },
  { code: '1030', nameEn: 'Basement', nameZh: '地下室', layer: 'underground', gb13923: 3 },
  { code: '1040', nameEn: 'Wall or fence', nameZh: '围墙', layer: 'above', gb13923: 3 },
  { code: '1050', nameEn: 'Tower or mast', nameZh: '塔杆', layer: 'above', gb13923: 3 },
  { code: '2000', nameEn: 'Parcel', nameZh: '宗地', layer: 'surface' },
  { code: '2010', nameEn: 'Planning block', nameZh: '规划地块', layer: 'surface' },
  { code: '2020', nameEn: 'Square or yard', nameZh: '广场', layer: 'surface', gb13923: 3 },
  { code: '2030', nameEn: 'Building site', nameZh: '工地', layer: 'surface' },
  { code: '3000', nameEn: 'Road', nameZh: '道路', layer: 'surface', gb13923: 4 },
  { code: '3010', nameEn: 'Lane', nameZh: '车道', layer: 'surface', gb13923: 4 },
  { code: '3020', nameEn: 'Bridge', nameZh: '桥梁', layer: 'above', gb13923: 4 },
  { code: '3030', nameEn: 'Tunnel', nameZh: '隧道', layer: 'underground', gb13923: 4 },
  { code: '3040', nameEn: 'Railway', nameZh: '铁路', layer: 'surface', gb13923: 4 },
  { code: '3050', nameEn: 'Metro', nameZh: '地铁', layer: 'underground', gb13923: 4 },
  { code: '3060', nameEn: 'Car park', nameZh: '停车场', layer: 'surface', gb13923: 4 },
  { code: '4100', nameEn: 'Water pipe', nameZh: '给水管线', layer: 'underground', gb13923: 5 },
  { code: '4200', nameEn: 'Sewage pipe', nameZh: '污水管线', layer: 'underground', gb13923: 5 },
  { code: '4210', nameEn: 'Rain-water pipe', nameZh: '雨水管线', layer: 'underground', gb13923: 5 },
  { code: '4220', nameEn: 'Combined sewer', nameZh: '雨污合流管线', layer: 'underground', gb13923: 5 },
  { code: '4300', nameEn: 'Gas pipe', nameZh: '燃气管线', layer: 'underground', gb13923: 5 },
  { code: '4400', nameEn: 'Heating pipe', nameZh: '热力管线', layer: 'underground', gb13923: 5 },
  { code: '4500', nameEn: 'Power cable', nameZh: '电力管线', layer: 'underground', gb13923: 5 },
  { code: '4510', nameEn: 'Overhead line', nameZh: '架空电力线', layer: 'above', gb13923: 5 },
  { code: '4600', nameEn: 'Telecom cable', nameZh: '通信管线', layer: 'underground', gb13923: 5 },
  { code: '4700', nameEn: 'Utility tunnel', nameZh: '综合管廊', layer: 'underground', gb13923: 5 },
  { code: '4800', nameEn: 'Industrial pipe', nameZh: '工业管线', layer: 'underground', gb13923: 5 },
  { code: '4900', nameEn: 'Manhole', nameZh: '检查井', layer: 'underground', gb13923: 5 },
  { code: '5000', nameEn: 'Street furniture', nameZh: '城市部件', layer: 'above' },
  { code: '5010', nameEn: 'Street light', nameZh: '路灯', layer: 'above' },
  { code: '5020', nameEn: 'Sign', nameZh: '标志牌', layer: 'above' },
  { code: '5030', nameEn: 'Camera pole', nameZh: '监控杆', layer: 'above' },
  { code: '5040', nameEn: 'Hydrant', nameZh: '消火栓', layer: 'above' },
  { code: '5050', nameEn: 'Manhole cover', nameZh: '井盖', layer: 'surface' },
  { code: '5060', nameEn: 'Waste bin', nameZh: '垃圾箱', layer: 'above' },
  { code: '5070', nameEn: 'Bus stop', nameZh: '公交站', layer: 'above' },
  { code: '6000', nameEn: 'River', nameZh: '河流', layer: 'surface', gb13923: 2 },
  { code: '6010', nameEn: 'Canal or ditch', nameZh: '沟渠', layer: 'surface', gb13923: 2 },
  { code: '6020', nameEn: 'Lake or pond', nameZh: '湖泊池塘', layer: 'surface', gb13923: 2 },
  { code: '6030', nameEn: 'Reservoir', nameZh: '水库', layer: 'surface', gb13923: 2 },
  { code: '6040', nameEn: 'Dam or dyke', nameZh: '堤坝', layer: 'above', gb13923: 2 },
  { code: '7000', nameEn: 'Tree', nameZh: '树木', layer: 'above', gb13923: 8 },
  { code: '7010', nameEn: 'Wood', nameZh: '林地', layer: 'surface', gb13923: 8 },
  { code: '7020', nameEn: 'Green space', nameZh: '绿地', layer: 'surface', gb13923: 8 },
  { code: '7030', nameEn: 'Field', nameZh: '耕地', layer: 'surface', gb13923: 8 },
  { code: '8000', nameEn: 'Air route', nameZh: '低空航路', layer: 'above' },
  { code: '8010', nameEn: 'Closed airspace', nameZh: '禁飞区', layer: 'above' },
  { code: '9000', nameEn: 'Other', nameZh: '其他', layer: 'surface' },
] as const satisfies readonly ClassRow[];

/** Four digits that name a class: `1000` is a building, `4300` a gas pipe. */
export type EntityClassCode = (typeof ENTITY_CLASSES)[number]['code'];

/** A row of `ENTITY_CLASSES`: code, names, usual layer, main class of GB/T 13923 where it falls into one. */
export interface EntityClass extends ClassRow {
  readonly code: EntityClassCode;
}

const BY_CODE: ReadonlyMap<string, EntityClass> = new Map(ENTITY_CLASSES.map((row) => [row.code, row]));

/** The class of a code; undefined for what is none. */
export function entityClass(code: string): EntityClass | undefined {
  return BY_CODE.get(code);
}
