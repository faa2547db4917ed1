// What a person sees before anything else of a development region.

export const devBanner = `
┌──────────────────────────────────────────────────────────────────────────────┐
│ DEVELOPMENT MODE. Ids, API keys and key material of the seed are public, the │
│ keys' time can be moved, answers can be made up. Never put real keys here.   │
│ This data directory stays a development one for ever (docs/dev-mode.md).     │
└──────────────────────────────────────────────────────────────────────────────┘`;
