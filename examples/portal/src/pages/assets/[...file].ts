import { handOn } from '../../lib/hand-on';
export const GET = handOn();
