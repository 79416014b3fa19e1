import { handOn } from '../lib/hand-on';
import { settings } from '../lib/settings.mjs';

export const GET = handOn(`/sites/${settings.site}/robots.txt`);
