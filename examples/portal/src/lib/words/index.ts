export { chinese, type Words } from './chinese';
export { english } from './english';
