// What people call the content types, where the hub names a type without a document at hand
// (the facets of a search).
import type { DocumentType } from '../generated/graphql';
import type { Both } from './language';

export const typeNames: Record<DocumentType, Both> = {
  activity: { zh: '活动', en: 'Activities' },
  clarification: { zh: '辟谣', en: 'Clarifications' },
  consultation: { zh: '意见征集', en: 'Consultations' },
  dataRelease: { zh: '数据发布', en: 'Data' },
  emergency: { zh: '突发事件', en: 'Emergencies' },
  interpretation: { zh: '政策解读', en: 'Explanations' },
  interview: { zh: '在线访谈', en: 'Interviews' },
  leader: { zh: '领导信息', en: 'Leaders' },
  letter: { zh: '来信选登', en: 'Letters' },
  news: { zh: '要闻动态', en: 'News' },
  notice: { zh: '通知公告', en: 'Notices' },
  organisation: { zh: '机构职能', en: 'Organisations' },
  overview: { zh: '概况', en: 'Overviews' },
  policyDocument: { zh: '政策文件', en: 'Policies' },
  pressConference: { zh: '新闻发布会', en: 'Press conferences' },
  serviceGuide: { zh: '办事指南', en: 'Service guides' },
  survey: { zh: '网上调查', en: 'Surveys' },
  topic: { zh: '专题', en: 'Topics' },
};

export const isType = (name: string | null): name is DocumentType =>
  name !== null && Object.hasOwn(typeNames, name);
