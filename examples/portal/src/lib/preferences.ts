// How a reader wants pages to look: a cookie that says nothing about who it is.
export interface Preferences {
  text: 'standard' | 'larger' | 'largest';
  contrast: 'standard' | 'high';
}

export const COOKIE = 'look';

/** Reads the cookie; what is not understood is the standard. */
export function readPreferences(cookie: string | undefined): Preferences {
  const [text, contrast] = (cookie ?? '').split('.');
  return {
    text: text === 'larger' || text === 'largest' ? text : 'standard',
    contrast: contrast === 'high' ? 'high' : 'standard',
  };
}

export const writePreferences = ({ text, contrast }: Preferences): string => `${text}.${contrast}`;

/** A page of this portal to go back to; anything else leads home. */
export function pageOfOurs(back: string): string {
  try {
    const base = 'http://portal.invalid';
    const url = new URL(back, base);
    // A path of two slashes would be read as another host by the browser.
    return url.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
  } catch {
    return '/';
  }
}
