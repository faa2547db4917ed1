export { roleNames, type RoleName } from './roles.ts';
