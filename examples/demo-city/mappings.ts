import type { DeclarationInput } from '../../ingest/model/index.ts';
import { CITY_BOUNDS } from './city/counties.ts';

const [west, south, east, north] = CITY_BOUNDS;
/** A coordinate outside the city waits for a person: it is more likely a slip than a school abroad. */
const INSIDE = {
  rule: 'inside' as const,
  bbox: [west, south, east, north] as [number, number, number, number],
  action: 'hold' as const,
};
const LOCAL_TIME = ['YYYY-MM-DD HH:mm:ss'];

/** How the files of the departments are read. Each file name matches exactly one of them. */
export function mappings(): readonly DeclarationInput[] {
  return [
    {
      kind: 'mapping',
      body: {
        id: 'demo-schools',
        dataset: 'demo-schools',
        format: 'csv',
        files: ['schools-*.csv'],
        position: { lon: '经度', lat: '纬度' },
        rules: [{ rule: 'required', column: '学校名称', action: 'refuse' }, INSIDE],
        features: {
          key: ['学校代码'],
          featureType: 'school',
          name: '学校名称',
          attributes: ['区县', '学段', '学生数', '教师数', '核定学位'],
        },
      },
    },
    {
      kind: 'mapping',
      body: {
        id: 'demo-hospitals',
        dataset: 'demo-hospitals',
        format: 'csv',
        encoding: 'gb18030',
        files: ['hospitals-*.csv'],
        position: { lon: '经度', lat: '纬度' },
        rules: [{ rule: 'required', column: '机构名称', action: 'refuse' }, INSIDE],
        features: {
          key: ['机构代码'],
          featureType: 'hospital',
          name: '机构名称',
          attributes: ['区县', '等级', '床位数', '医师数'],
        },
      },
    },
    {
      kind: 'mapping',
      body: {
        id: 'demo-enterprises',
        dataset: 'demo-enterprises',
        format: 'geojson',
        files: ['enterprises-*.geojson'],
        position: { geometry: true },
        rules: [INSIDE],
        features: {
          key: ['code'],
          featureType: 'enterprise',
          name: 'name',
          attributes: ['county', 'trade', 'employees', 'output_10k_yuan', 'above_scale'],
        },
      },
    },
    {
      kind: 'mapping',
      body: {
        id: 'demo-hotline',
        dataset: 'demo-hotline',
        format: 'csv',
        files: ['hotline-*.csv'],
        position: { lon: '经度', lat: '纬度' },
        rules: [{ rule: 'not-before', column: '更新时间', other: '受理时间', action: 'flag' }],
        events: {
          key: ['工单编号'],
          eventType: 'case',
          category: '类别',
          start: { columns: ['受理时间'], formats: LOCAL_TIME },
          end: { columns: ['办结时间'], formats: LOCAL_TIME },
          updated: { columns: ['更新时间'], formats: LOCAL_TIME },
          status: { column: '状态', open: ['待办', '办理中'], closed: ['已办结'] },
          title: ['诉求内容'],
          attributes: ['状态', '区县', '承办单位'],
        },
      },
    },
  ];
}
