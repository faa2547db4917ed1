// Runs before anything is painted, so that nobody who chose dark is dazzled first. A plain script: no imports.
try {
  const chosen = localStorage.getItem('zonehold-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
} catch {
  // A browser that keeps nothing follows the system.
}
