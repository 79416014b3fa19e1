// Times as readers of the site read them: in Beijing time, `2026-03-09 10:00`, as the national
// rule on page design asks.
import type { Language } from './language';

const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'short',
});
const chineseDay = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'full',
});
const englishDay = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'full',
});

/** `2026-03-09 10:00` */
export const minute = (time: string): string => clock.format(new Date(time));

/** `2026-03-09`, of a time. */
export const day = (time: string): string => minute(time).slice(0, 10);

/** `10:00` */
export const hour = (time: string): string => minute(time).slice(11);

/** `2026年3月9日` or `9 March 2026`, of a date. */
export function longDate(language: Language, date: string): string {
  const [year, month, number] = date.split('-').map(Number) as [number, number, number];
  if (language === 'zh') return `${year}年${month}月${number}日`;
  const name = new Date(Date.UTC(2000, month - 1)).toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' });
  return `${number} ${name} ${year}`;
}

/** Today with its weekday. */
export const today = (language: Language): string =>
  (language === 'zh' ? chineseDay : englishDay).format(new Date());

/** The date of today. */
export const todaysDate = (): string => day(new Date().toISOString());

/** Days from today to a date: 0 is today, less is past. */
export const daysUntil = (date: string): number =>
  Math.round((Date.parse(date) - Date.parse(todaysDate())) / 86_400_000);

/** When a document came out: elsewhere where that is known, else here. */
export const published = (document: {
  originallyPublishedAt: string | null;
  firstPublishedAt: string | null;
}): string | null => document.originallyPublishedAt ?? document.firstPublishedAt;
