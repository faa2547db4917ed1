// Names that the examples of the document share, so that together they tell one story.

/** The alias of the key that the examples are about: whoever has created it can send them as they stand. */
export const exampleAlias = 'payroll-root';

/** Examples of the parameters of paths, by the names they have in the document. */
export const pathExamples: Readonly<Record<string, string>> = {
  id: exampleAlias,
  alias: 'payroll-2026',
  'key-ring-id': 'payroll',
  urlEncodedResourceCRN: 'crn%3Av1%3Abluemix%3Apublic%3Adatabases%3Aus-south%3Aa%2F1%3A2%3A%3A',
  adapter_id: 'storage-array',
};
