export { renderPage, type Section } from './page.ts';
